// A table of tasks, a worktree each; the build decides, a reviewer looks without waiting for the others, and what passed
// both is applied:
//   nightshift batch port.js --arg input=tasks.csv
import { pipeline, read, run, session, template } from "nightshift";

export default async function ({ args }) {
  const rows = read.csv(args.input);
  const verdict = { type: "object", additionalProperties: false, required: ["accept"], properties: { accept: { type: "boolean" } } };
  const done = await pipeline(rows,
    row => run({ key: row.id, prompt: template(read.text("port.md"), row), isolation: "worktree", sandbox: "workspace-write",
                 check: ["make", "check"], retries: { max: 2, on: ["check_failed", "model_unavailable"] } }),
    async r => {
      if (!r.ok) return r;
      const v = await run({ key: r.key + "/review", prompt: "Review this patch:\n" + r.diff, sandbox: "read-only", schema: verdict });
      return v.ok && v.json.accept ? r : { ...r, ok: false, reason: "check_failed" };
    });
  const applied = [];
  for (const r of done) if (r.ok) applied.push({ key: r.key, ...await session({ id: r.session }).apply({ to: "main", check: ["make"] }) });
  return { applied, failed: done.filter(r => !r.ok).length };
}
