"""Drawings in SVG that say the same things in the many ways that CSS and SVG allow, for a browser to be asked
about each."""

from __future__ import annotations

from tests.media.picturefiles import svg

BAR = '<rect width="60" height="100"/>'
RAMP = (
    '<linearGradient id="l"{}><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>'
)
PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQ"
    "EDasKb6QAAAABJRU5ErkJggg=="
)
INNER = (
    "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 9 9%22%3E%3Crect "
    "width=%225%22 height=%229%22 fill=%22red%22/%3E%3C/svg%3E"
)

COLOURS = (
    "rgb(200 30 20)",
    "rgb(200 30 20 / 50%)",
    "rgba(200,30,20,.5)",
    "rgb(80%,20%,10%)",
    "rgb(200.6 30.2 20)",
    "rgb(300,-20,20)",
    "hsl(120,50%,40%)",
    "hsl(120deg 50% 40% / .6)",
    "hsl(.3turn 50% 40%)",
    "hsl(2rad 50% 40%)",
    "hsl(-60 50 40)",
    "hwb(200 20% 30%)",
    "lab(50% 40 30)",
    "lch(50% 60 200)",
    "oklab(0.6 0.1 -0.1)",
    "oklch(0.7 0.15 150)",
    "oklch(70% 40% 150deg / 80%)",
    "oklch(0.9 0.4 150)",
    "color(display-p3 1 0 0)",
    "color(srgb 0.2 0.5 0.9)",
    "color(srgb-linear 0.2 0.5 0.9)",
    "color(a98-rgb 0.2 0.5 0.9)",
    "color(rec2020 0.2 0.8 0.2)",
    "color(prophoto-rgb 0.2 0.5 0.2)",
    "color(xyz 0.3 0.4 0.5)",
    "color(xyz-d50 0.3 0.4 0.5)",
    "color-mix(in srgb, red 30%, blue)",
    "color-mix(in oklab, red, blue)",
    "color-mix(in oklch, red, blue)",
    "color-mix(in hsl shorter hue, red, blue 20%)",
    "light-dark(red, blue)",
    "rgb(from red r g 200)",
    "oklch(from red calc(l - 0.1) c h)",
    "rgb(calc(100 + 50) 0 0)",
    "rgb(none 200 20)",
    "#f008",
    "#ff000080",
    "#F00",
    "RebeccaPurple",
    "CurrentColor",
    "no-colour",
    "",
    "inherit",
    "initial",
    "unset",
    "red !important",
    "url(#nothing) green",
    "RED",
    "  red  ",
    "hsl(120 50 40)",
    "rgba(255,0,0,50%)",
)
SELECTORS = (
    "rect:nth-child(3)",
    "rect:nth-child(even)",
    "rect:last-child",
    "rect:last-of-type",
    "rect:first-of-type",
    "rect:not(.a)",
    ":is(.b, .c)",
    "svg :where(.b)",
    ".a ~ rect",
    ".a + rect",
    "svg > rect",
    '[class="b"]',
    '[class^="b"]',
    "[data-x]",
    "[class~=b]",
    "#q",
    ".b, .zz",
    "[id|=q]",
    "svg:has(.b) .b",
    ":root .b",
    "rect:empty",
    "rect:only-child",
    ":nth-last-child(1)",
    ".b:hover",
    "svg|rect",
    ".\\62",
    "RECT",
    "*",
    "rect:first-child",
    "*|rect",
    ".b:unknown, .c",
    "rect:not(.a, .c)",
    "g rect, .c",
)
_MEDIA = (
    "screen",
    "print",
    "(prefers-color-scheme: dark)",
    "(prefers-color-scheme:light)",
    "(min-width:10px)",
    "(max-width:10px)",
    "not print",
    "print, screen",
    "(width >= 10px)",
    "(10px < width)",
    "screen and (min-width: 1px)",
    "not all",
    "(min-width:1px) or (foo:bar)",
)

STYLED = {
    "filter in sRGB": (
        '<linearGradient id="g" x2="0" y2="1"><stop stop-color="#EB5757"/><stop offset="1"/></linearGradient>'
        '<filter id="f" color-interpolation-filters="sRGB"><feFlood flood-opacity="0" result="b"/>'
        '<feBlend in="SourceGraphic" in2="b"/></filter>'
        '<g filter="url(#f)"><rect width="100" height="100" fill="url(#g)"/></g>'
    ),
    "pattern turned": (
        '<pattern id="p" width="24" height="24" patternUnits="userSpaceOnUse" patternTransform="rotate(30)">'
        '<rect width="12" height="24" fill="green"/></pattern><rect width="100" height="100" fill="url(#p)"/>'
    ),
    # ---- variables
    "var of the root": f"<style>:root{{--a:#dc1414}}</style><rect {BAR[6:-2]} style='fill:var(--a)'/>",
    "var in an attribute": "<rect width='60' height='100' fill='var(--a,#1414dc)'/>",
    "var of a var": (
        "<style>svg{--a:var(--b);--b:green}</style><rect width='60' height='100' fill='var(--a)'/>"
    ),
    "vars in a circle": (
        "<style>svg{--a:var(--b);--b:var(--a)}</style><rect width='60' height='100' fill='var(--a, orange)'/>"
    ),
    "no such var": "<g fill='green'><rect width='60' height='100' fill='var(--no)'/></g>",
    "fallback in a fallback": "<rect width='60' height='100' fill='var(--a,var(--b,teal))'/>",
    "var of a group": "<g style='--a:navy'><rect width='60' height='100' fill='var(--a)'/></g>",
    "var of a copy": "<defs><g id='a'><rect width='60' height='100' fill='var(--c,red)'/></g></defs><use "
    "href='#a' style='--c:purple'/>",
    "var of two symbols": "<symbol id='a' viewBox='0 0 10 10'><rect width='6' height='10' "
    "fill='var(--c,red)'/></symbol><use href='#a' "
    "width='50' height='50' style='--c:purple'/><use href='#a' x='50' y='50' width='50' height='50' "
    "style='--c:teal'/>",
    "var of copies in copies": "<style>.o{--c:red}.i{--c:blue}</style><defs><rect id='r' width='40' "
    "height='40' fill='var(--c)'/><g id='g'>"
    "<use href='#r' class='i'/><use href='#r' x='50'/></g></defs><use href='#g' class='o'/><use href='#g' "
    "y='50'/>",
    "var in a ramp": "<style>svg{--s:orange}</style><linearGradient id='g'><stop "
    "stop-color='var(--s)'/><stop offset='1' style='stop-color:"
    "var(--t,blue)'/></linearGradient><rect width='60' height='100' fill='url(#g)'/>",
    "var as a number": "<style>svg{--w:8}</style><path d='M10 10h50v50' fill='none' stroke='red' "
    "style='stroke-width:var(--w)'/>",
    "var as a part": (
        "<style>svg{--r:200}</style><rect width='60' height='100' fill='rgb(var(--r), 20, 30)'/>"
    ),
    "var as a link": (
        f"<style>svg{{--g:url(#l)}}</style>{RAMP.format('')}<rect width='60' height='100' fill='var(--g)'/>"
    ),
    "var of nothing": "<style>svg{--a:;}</style><rect width='60' height='100' fill='var(--a, red)'/>",
    "var that is initial": (
        "<style>svg{--a:red} rect{--a:initial}</style><rect width='60' height='100' fill='var(--a,blue)'/>"
    ),
    "vars by case": "<style>svg{--A:red;--a:blue}</style><rect width='60' height='100' fill='var(--A)'/>",
    "registered property": "<style>@property --a{syntax:'*';inherits:true;initial-value:green}</style><rect "
    "width='60' height='100' fill='var(--a)'/>",
    "calc of a line": "<path d='M10 10h50v50' fill='none' stroke='red' style='stroke-width:calc(2px * 4)'/>",
    "calc of an attribute": "<rect width='calc(50% + 10px)' height='calc(100% - 20px)' fill='red'/>",
    # ---- currentColor, inheriting
    "currentColor of a group": "<g color='green'><rect width='60' height='100' fill='currentColor'/></g>",
    "currentColor of a sheet": (
        "<style>svg{color:#123456}</style><rect width='60' height='100' fill='currentColor'/>"
    ),
    "currentColor of a copy": "<defs><g id='a'><rect width='60' height='100' "
    "fill='currentColor'/></g></defs><use href='#a' color='purple'/>",
    "currentColor in a mix": (
        "<g color='red'><rect width='60' height='100' fill='color-mix(in srgb, currentColor 50%, "
        "white)'/></g>"
    ),
    "initial": "<g fill='red'><rect width='50' height='50' style='fill:initial'/></g>",
    "unset": "<g fill='red'><rect width='50' height='50' fill='blue' style='fill:unset'/></g>",
    # ---- geometry and transforms in styles
    "geometry in a sheet": "<style>circle{cx:50px;cy:50px;r:40px} "
    "rect{x:10px;y:20px;width:30px;height:50px;rx:5px}</style><circle fill='red'/><rect fill='blue'/>",
    "geometry in per cent": "<rect style='width:50%;height:50%;x:25%;y:25%' fill='red'/>",
    "geometry by var": "<circle cx='50' cy='50' style='--r:40px;r:var(--r)' fill='red'/>",
    "path in a sheet": "<style>path{d:path('M10 10h60v60h-60z')}</style><path fill='red'/>",
    "transform": (
        "<rect width='40' height='40' fill='red' style='transform:rotate(45deg) translate(20px,10px)'/>"
    ),
    "transform about a point": "<rect x='30' y='30' width='40' height='40' fill='red' "
    "style='transform:rotate(30deg);transform-origin:50% 50px'/>",
    "transform about its middle": "<rect x='30' y='30' width='40' height='40' fill='red' "
    "style='transform:rotate(30deg) scale(.5);transform-box:"
    "fill-box;transform-origin:center'/>",
    "transform of a path about its middle": "<path d='M20 20c10-20 40 20 50 10s10 40-20 40a9 9 0 0 1-9 9z' "
    "style='transform-box:fill-box;"
    "transform-origin:center;transform:scale(1.3,.6) rotate(20deg)' fill='red'/>",
    "transform without units": "<rect width='40' height='40' fill='red' style='transform:rotate(45)'/>",
    "rotate and scale": (
        "<rect width='40' height='40' fill='red' style='scale:2 1;translate:5px 10px;rotate:10deg'/>"
    ),
    "transform by calc": (
        "<rect width='30' height='30' fill='red' style='transform:translate(calc(10px + 20%), 1em)'/>"
    ),
    "transform that is none": (
        "<rect width='30' height='30' fill='red' transform='translate(50 50)' style='transform:none'/>"
    ),
    # ---- sheets and rules
    "weights": "<style>#q{fill:red} .b{fill:blue} rect{fill:green}</style><rect id='q' class='b' width='60' "
    "height='100'/>",
    "important": "<style>rect{fill:red !important} .b{fill:blue}</style><rect class='b' width='60' "
    "height='100' style='fill:green'/>",
    "layers": (
        f"<style>rect{{fill:green}} @layer a{{rect{{fill:red}}}} @layer b{{rect{{fill:blue}}}}</style>{BAR}"
    ),
    "rules in rules": f"<style>svg{{ &amp; rect{{fill:red}} .b &amp;{{fill:blue}} }}</style>{BAR}",
    "media in a rule": f"<style>rect{{ @media screen{{fill:red}} }}</style>{BAR}",
    "supports": f"<style>@supports (fill:red){{rect{{fill:red}}}}</style>{BAR}",
    "a sheet for print": f"<style media='print'>rect{{fill:red}}</style>{BAR}",
    "a sheet of another type": f"<style type='text/foo'>rect{{fill:red}}</style>{BAR}",
    "CDATA": f"<style type='text/css'><![CDATA[rect{{fill:red}}]]></style>{BAR}",
    "other rules at the start": (
        f"<style>@charset 'utf-8'; @import url(x.css); @font-face{{font-family:x}} "
        f"rect{{fill:red}}</style>{BAR}"
    ),
    "errors in a sheet": f"<style>rect{{fill:red;;foo}} @foo; }}}} .b{{fill:blue}} "
    f"rect{{stroke:blue;stroke-width:10}}</style>{BAR}",
    "a bad value": f"<style>rect{{fill:green; fill:foo; fill}}</style>{BAR}",
    "comments": f"<style>rect{{/*a*/fill/*b*/:/*c*/red/*d*/;}}</style>{BAR}",
    "capitals": "<rect width='20MM' height='1IN' fill='None' style='STROKE:RED;Stroke-Width:5PX'/>",
    "two sheets": f"<style>rect{{fill:red}}</style>{BAR}<style>rect{{fill:blue}}</style>",
    "namespaces": f"<style>@namespace svg url(http://www.w3.org/2000/svg); svg|rect{{fill:red}}</style>{BAR}",
    "rules around copies": "<style>#u rect{fill:red} defs rect{fill:blue}</style><defs><g id='s'><rect "
    "width='60' height='50'/></g></defs><use id='u' href='#s'/>",
    # ---- shapes, lines, ramps
    "clip by a circle": "<rect width='100' height='100' fill='red' style='clip-path:circle(40%)'/>",
    "clip by an inset": "<rect x='10' y='10' width='60' height='60' fill='red' stroke='blue' "
    "stroke-width='10' style='clip-path:inset(5px 10% round 9px)'/>",
    "clip by a polygon": (
        "<rect width='100' height='100' fill='red' style='clip-path:polygon(50% 0,100% 100%,0 100%)'/>"
    ),
    "lines that keep their width": "<g transform='scale(5)'><rect x='2' y='2' width='16' height='16' "
    "fill='none' stroke='red' stroke-width='4' "
    "vector-effect='non-scaling-stroke'/></g>",
    "length of a path": "<circle cx='50' cy='50' r='40' fill='none' pathLength='100' "
    "style='stroke:red;stroke-width:10;stroke-dasharray:25 75'/>",
    "ramp in linear light": RAMP.format(" color-interpolation='linearRGB'")
    + "<rect width='100' height='100' fill='url(#l)'/>",
    "shadow": "<rect x='20' y='20' width='50' height='50' fill='red' style='filter:drop-shadow(5px 5px 3px "
    "rgb(0 0 255 / 80%))'/>",
    # ---- units, links, choices
    "units": "<rect width='20mm' height='1cm' fill='red'/><rect y='50' width='80q' height='2pc' "
    "fill='blue'/><rect x='60' width='1rem' height='1.5em'/>",
    "letters": "<g style='font-size:large'><rect width='2em' height='3em' fill='red'/></g>",
    "switch": "<switch><rect systemLanguage='de' width='60' height='50' fill='red'/><rect "
    "systemLanguage='en' width='60' height='50' fill='blue'/></switch>",
    "a picture in it": f"<image width='100' height='100' style='image-rendering:pixelated' href='{PNG}'/>",
    "a drawing in it": f"<image width='100' height='100' href='{INNER}'/>",
    "nested": "<svg x='10' y='10' width='80' height='40' viewBox='0 0 10 10' "
    "preserveAspectRatio='none'><rect width='10' height='10' fill='red'/></svg>",
    "nested in per cent": "<svg x='25%' y='25%' width='50%' height='50%'><rect width='50%' height='100%' "
    "fill='red'/><circle cx='50' r='20' fill='blue'/></svg>",
    "nested in em": "<svg font-size='10' x='1em' y='1em' width='5em' height='5em'><rect width='3em' "
    "height='100%' fill='red'/></svg>",
}
WHOLE = {
    "ground": (BAR, "viewBox='0 0 100 100' style='background:#aaffaa'"),
    "ground by var": (f"<style>svg{{--b:pink;background:var(--b)}}</style>{BAR}", "viewBox='0 0 100 100'"),
    "faint ground": (BAR, "viewBox='0 0 100 100' style='background-color:rgba(0,0,255,.3)'"),
    "line icon": (
        "<rect x='10' y='10' width='60' height='60'/>",
        "viewBox='0 0 100 100' fill='none' stroke='currentColor' stroke-width='8' color='teal'",
    ),
    "all turned": (BAR, "viewBox='0 0 100 100' transform='rotate(10)'"),
    "all turned by a style": (BAR, "viewBox='0 0 100 100' style='transform:scale(.5)'"),
    "faint": (BAR, "viewBox='0 0 100 100' style='opacity:50%'"),
    "squeezed": (BAR, "width='60' height='30' viewBox='0 0 100 100' preserveAspectRatio='none'"),
    "with room at the sides": (BAR, "width='60' height='30' viewBox='0 0 100 100'"),
    "filling": (BAR, "width='60' height='30' viewBox='0 0 100 100' preserveAspectRatio='xMinYMax slice'"),
    "not at the corner": (BAR, "viewBox='-20 10 100 80'"),
}


def every() -> dict[str, bytes]:
    """Name -> drawing."""
    found = {f"colour {one}": svg(f'<rect width="60" height="100" fill="{one}"/>') for one in COLOURS}
    for one in SELECTORS:
        rule = one.replace(">", "&gt;")
        found[f"selector {one}"] = svg(
            f"<style>rect{{fill:yellow}} {rule}{{fill:blue}}</style><rect class='a' width='30' "
            "height='100'/><rect id='q' class='b' "
            "data-x='1' x='30' width='30' height='100'/><rect class='c' x='60' width='30' height='100'/>"
        )
    for one in _MEDIA:
        rule = one.replace("<", "&lt;").replace(">", "&gt;")
        found[f"media {one}"] = svg(
            f"<style>rect{{fill:green}} @media {rule}{{rect{{fill:red}}}}</style>{BAR}"
        )
    found |= {name: svg(body) for name, body in STYLED.items()}
    return found | {name: svg(body, head) for name, (body, head) in WHOLE.items()}
