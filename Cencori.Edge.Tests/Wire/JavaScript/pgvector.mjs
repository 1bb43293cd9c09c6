// PostgreSQL with pgvector in one process, for tests on machines whose own server lacks the extension. It has one session, which the
// connections use in turns: each keeps it until its query or transaction is over. (If it changed hands between the messages of one
// query, the queries would mix.) It does not support COPY, which edges use to write records. Run by PgVectorServer.
import { createServer } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

const [refuseEncryption, cancel] = [[80877103, 80877104], 80877102];
const database = await PGlite.create({ extensions: { vector } });

let owner = null;
const waiting = [];
const take = (socket) => owner === null || owner === socket
  ? (owner = socket, undefined)
  : new Promise((resolve) => waiting.push({ socket, resolve }));
const give = () => {
  const next = waiting.shift();
  owner = next?.socket ?? null;
  next?.resolve();
};

async function ask(socket, messages) {
  await take(socket);
  let last = null;
  for (const message of messages) {
    const answer = await database.execProtocolRaw(message);
    if (answer.length > 0) {
      socket.write(answer);
      last = answer;
    }
  }

  // The last byte of ReadyForQuery is I when the session is idle, and another letter inside a transaction.
  if (last === null || String.fromCharCode(last.at(-1)) === 'I') give();
}

async function serve(socket) {
  let [bytes, started, messages] = [Buffer.alloc(0), false, []];
  try {
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk]);
      while (true) {
        const head = started ? 1 : 0;
        if (bytes.length < head + 4) break;
        const length = head + bytes.readInt32BE(head);
        if (bytes.length < length) break;
        const message = new Uint8Array(bytes.subarray(0, length));
        bytes = bytes.subarray(length);
        const type = started ? String.fromCharCode(message[0]) : null;
        const code = started ? null : Buffer.from(message).readInt32BE(4);
        if (type === 'X' || code === cancel) return;
        if (refuseEncryption.includes(code)) {
          socket.write('N');
          continue;
        }

        started = true;
        messages.push(message);
        if (type === null || type === 'Q' || type === 'S') {
          await ask(socket, messages);
          messages = [];
        }
      }
    }
  } catch (error) {
    if (error.code !== 'ECONNRESET' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') console.error(error);
  } finally {
    socket.destroy();
    if (owner === socket) {
      await database.exec('ROLLBACK');
      give();
    }
  }
}

createServer({ noDelay: true }, serve).listen(Number(process.argv[2]), '127.0.0.1');
