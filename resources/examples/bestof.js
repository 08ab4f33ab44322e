// Three tries; the smallest patch that passes:
//   nightshift batch bestof.js
import { bestOf, log } from "nightshift";

export default async function () {
  const r = await bestOf(3, { prompt: "Fix issue 17", isolation: "worktree", sandbox: "workspace-write", check: ["make", "check"] },
    rs => rs.filter(r => r.ok).sort((a, b) => a.diff.length - b.diff.length)[0]);
  log(r.reason, r.usage.output_tokens);
  return { key: r.key, diff: r.diff };
}
