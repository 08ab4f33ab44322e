// One agent per header, a structured answer of each, a CSV and a JUnit report:
//   nightshift batch audit.js --max-cost 20
import { glob, map, run, template, write } from "nightshift";

export const config = { name: "audit", limits: { concurrency: 8 } };

const schema = {
  type: "object",
  additionalProperties: false,
  required: ["risk", "why"],
  properties: { risk: { type: "string", enum: ["low", "high"] }, why: { type: "string" } },
};

export default async function () {
  const rs = await map(glob("src/**/*.h"), file =>
    run({ key: file, prompt: template("Judge the thread safety of {{file}}", { file }), schema, inputs: [file], sandbox: "read-only" }));
  write.csv("audit.csv", rs.map(r => ({ file: r.key, ok: r.ok, reason: r.reason, ...r.json })));
  write.junit("audit.xml", rs);
  return { failed: rs.filter(r => !r.ok || r.json.risk === "high").length };
}
