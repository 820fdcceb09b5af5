// The token stands behind the # of the address, so that it is in no log; it is good once.
const [token, ...path] = location.hash.slice(1).split("/");
history.replaceState(null, "", "/enter");
const said = document.querySelector("#said");
const again = "This link was used already, or is too old. Ask for a new one: etude studio";
if (!token) said.textContent = again;
else {
  const answer = await fetch("/enter", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) });
  if (answer.ok) location.replace(`/${path.join("/")}`);
  else said.textContent = again;
}
