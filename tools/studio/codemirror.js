// What the studio's editor uses of CodeMirror: the one bundle in src/etude/studio/static/vendor is built of it.
export { EditorSelection, EditorState, StateEffect, StateField, Prec } from "@codemirror/state";
export { Decoration, EditorView, WidgetType, drawSelection, hoverTooltip, keymap, placeholder } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, isolateHistory, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
