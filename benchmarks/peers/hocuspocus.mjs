// Hocuspocus as its guide starts it, with the SQLite extension and, if REDIS_PORT is set, the Redis one. All settings are its defaults.
import { Redis } from "@hocuspocus/extension-redis";
import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";

const extensions = [new SQLite({ database: process.env.DATABASE })];
if (process.env.REDIS_PORT) {
  extensions.push(new Redis({ host: "127.0.0.1", port: Number(process.env.REDIS_PORT) }));
}
const server = new Server({ address: "127.0.0.1", port: Number(process.env.PORT), quiet: true, extensions });
await server.listen();
console.log("ready");
