/**
 * The same picture in fewer bytes. blessed goes to the beginning of each line that changed and from there to what changed in it, and
 * after each run of cells it takes the colours back, though the next run mostly has the same ones. It sets colours only from a clean
 * slate, so that what is wanted is known by the last sequence alone; it takes effect with the next character.
 */
export function terse(frame: string): string {
  let out = "";
  let set = RESET;
  let wanted = RESET;
  for (const [token] of frame.replace(GONE_OVER, "").matchAll(TOKENS)) {
    if (!token.startsWith("\u001b")) {
      out += change(set, wanted) + token;
      set = wanted;
    } else if (token.endsWith("m")) wanted = token;
    else {
      // What is erased takes the colours that are set.
      if (ERASING.test(token)) {
        out += change(set, wanted);
        set = wanted;
      }
      out += token;
    }
  }
  return out + change(set, wanted);
}

function change(from: string, to: string): string {
  if (from === to) return "";
  return from === RESET || to === RESET ? to : RESET + to;
}

const RESET = "\u001b[m";
const GONE_OVER = /\u001b\[\d+;1H(?=\u001b\[\d+;\d+H)/g;
const TOKENS = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[^[]|[^\u001b]+/g;
const ERASING = /[JKX]$/;
