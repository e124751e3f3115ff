/** Makes a lab with something in it, for who kills this process. */
import { lab } from "../../src/lab/index.ts";

const net = lab();
const [a, b] = [net.host("a"), net.host("b", { root: "system" })];
net.link(a, b, { addresses: { a: "10.0.0.1/24", b: "10.0.0.2/24" } });
await net.up();
await a.run("sh", ["-c", "(setsid sleep 1000 &) > /dev/null 2>&1"]);
await b.run("sleep", ["1000"]);
