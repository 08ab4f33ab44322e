// Looking over an agent's shoulder, and a second turn when the first ran out of time:
//   nightshift batch steer.js
import { session } from "nightshift";

export default async function () {
  const s = session({ cwd: ".", sandbox: "workspace-write", limits: { wall_s: 900 } });
  s.on("item.completed", ev => {
    if (ev.item.type === "command_execution" && ev.item.exit_code === 127) s.steer("That tool is not installed; use python3.");
  });
  const first = await s.send("Make the tests pass.");
  if (!first.ok && first.reason === "limit_time") await s.send("Stop here and summarise what is left.");
  await s.bundle("fix.tar.gz");
  return { ok: first.ok, text: first.text };
}
