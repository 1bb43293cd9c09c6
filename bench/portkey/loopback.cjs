// Portkey's gateway listens on every address of the machine. This restricts it to loopback during a benchmark.
const { Server } = require('node:net');
const listen = Server.prototype.listen;
Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number' || typeof first === 'string') return listen.call(this, { port: Number(first), host: '127.0.0.1' }, rest.at(-1));
  return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest);
};
