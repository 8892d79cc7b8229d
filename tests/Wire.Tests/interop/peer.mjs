// The other side of the wire, written from docs/WIRE.md on HPKE by other people: gateway, agent, and the golden vectors.
// Reads one JSON request per line, {"do": name, ...}, and writes one JSON reply per line. Bytes are hexadecimal.
// Started as: node peer.mjs FOLDER-WITH-NODE_MODULES
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { webcrypto } from 'node:crypto';

const require = createRequire(process.argv[2] + '/');
const { CipherSuite, DhkemP256HkdfSha256, HkdfSha256, Aes256Gcm } = require('@hpke/core');

const { subtle } = webcrypto;
const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
const ecdsaSha256 = { name: 'ECDSA', hash: 'SHA-256' };

const hex = bytes => Buffer.from(bytes).toString('hex');
const unhex = text => new Uint8Array(Buffer.from(text, 'hex'));
const utf8 = text => new TextEncoder().encode(text);
const random = size => webcrypto.getRandomValues(new Uint8Array(size));

const number = (size, value) => {
  const bytes = new Uint8Array(size);
  for (let i = size - 1, rest = BigInt(value); i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
};
const join = (...parts) => new Uint8Array(Buffer.concat(parts));
const short = bytes => join(number(1, bytes.length), bytes);
const long = bytes => join(number(2, bytes.length), bytes);

// Layouts, as the page draws them.
const keyOffer = (agent, keyId, publicKey) =>
  join(short(utf8('passthrough/1 sealing key')), short(utf8(agent.tenant)), short(utf8(agent.agentId)), keyId, publicKey);
const sessionInfo = (agent, keyId, sessionId, openedAt) =>
  join(short(utf8('passthrough/1 sealing session')), short(utf8(agent.tenant)), short(utf8(agent.agentId)), keyId, sessionId,
    number(8, openedAt));
const encodeHeader = h =>
  join(number(1, 1), short(utf8(h.tenant)), short(utf8(h.forest)), unhex(h.attemptId), long(utf8(h.userName)),
    number(8, h.issuedAt), number(4, h.timeToLive), number(2, h.attemptNumber), unhex(h.gatewayInstance),
    short(unhex(h.network)), short(unhex(h.device)));
const authenticated = (attemptId, attemptNumber, agentId, verdict, detail) =>
  join(short(utf8('passthrough/1 answer')), attemptId, number(2, attemptNumber), short(utf8(agentId)), number(4, verdict),
    long(detail));
const pad = password => {
  const prefixed = long(password);
  const size = [128, 256, 1024].find(candidate => prefixed.length <= candidate);
  return join(prefixed, new Uint8Array(size - prefixed.length));
};

function decodeHeader(bytes) {
  let at = 0;
  const take = size => bytes.slice(at, at += size);
  const integer = size => take(size).reduce((value, byte) => value * 256 + byte, 0);
  if (integer(1) !== 1) throw new Error('version');
  const text = size => new TextDecoder('utf-8', { fatal: true }).decode(take(integer(size)));
  const header = {
    tenant: text(1), forest: text(1), attemptId: hex(take(16)), userName: text(2), issuedAt: integer(8),
    timeToLive: integer(4), attemptNumber: integer(2), gatewayInstance: hex(take(16)),
    network: hex(take(integer(1))), device: hex(take(integer(1))),
  };
  if (at !== bytes.length) throw new Error('length');
  return header;
}

// Ciphers.
const gcm = async (key, nonce, associatedData, use, data) => {
  const imported = await subtle.importKey('raw', key, 'AES-GCM', false, [use]);
  return new Uint8Array(await subtle[use]({ name: 'AES-GCM', iv: nonce, additionalData: associatedData }, imported, data));
};
const wrapNonce = (base, counter) => {
  const bytes = number(12, counter);
  return base.map((value, i) => value ^ bytes[i]);
};
const exported = async context => ({
  key: new Uint8Array(await context.export(utf8('passthrough/1 wrap key'), 32)),
  nonce: new Uint8Array(await context.export(utf8('passthrough/1 wrap nonce'), 12)),
});
const answerKey = async contentKey => {
  const imported = await subtle.importKey('raw', contentKey, 'HKDF', false, ['deriveBits']);
  const derived = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8('passthrough/1 answer key') };
  return new Uint8Array(await subtle.deriveBits(derived, imported, 256));
};
const hmac = async (key, data) => {
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, data));
};
const publicOf = async bytes => suite.kem.deserializePublicKey(bytes);

// What this side holds, by the name that the caller gives it.
const held = new Map();

const commands = {
  // Plain HPKE, as the RFC has it.
  async 'hpke seal'({ publicKey, info, messages, exports }) {
    const context = await suite.createSenderContext({ recipientPublicKey: await publicOf(unhex(publicKey)), info: unhex(info) });
    const sealed = [];
    for (const m of messages) sealed.push(hex(await context.seal(unhex(m.plaintext), unhex(m.associatedData))));
    const secrets = [];
    for (const e of exports) secrets.push(hex(await context.export(unhex(e), 32)));
    return { enc: hex(context.enc), sealed, exports: secrets };
  },
  async 'hpke key'({ as }) {
    const pair = await suite.kem.generateKeyPair();
    held.set(as, pair);
    return { publicKey: hex(await suite.kem.serializePublicKey(pair.publicKey)) };
  },
  async 'hpke open'({ key, enc, info, messages, exports }) {
    const context = await suite.createRecipientContext({ recipientKey: held.get(key), enc: unhex(enc), info: unhex(info) });
    const opened = [];
    for (const m of messages) opened.push(hex(await context.open(unhex(m.sealed), unhex(m.associatedData))));
    const secrets = [];
    for (const e of exports) secrets.push(hex(await context.export(unhex(e), 32)));
    return { opened, exports: secrets };
  },

  // The gateway's side.
  async 'gateway open'({ as, agent, offer, certificatePublicKey, openedAt }) {
    const verifier = await subtle.importKey('raw', unhex(certificatePublicKey), ecdsa, false, ['verify']);
    const signed = keyOffer(agent, unhex(offer.keyId), unhex(offer.publicKey));
    if (!await subtle.verify(ecdsaSha256, verifier, unhex(offer.signature), signed)) throw new Error('signature');
    const sessionId = random(8);
    const info = sessionInfo(agent, unhex(offer.keyId), sessionId, openedAt);
    const context = await suite.createSenderContext({ recipientPublicKey: await publicOf(unhex(offer.publicKey)), info });
    held.set(as, { sessionId, ...await exported(context), counter: 0 });
    return { sessionId: hex(sessionId), keyId: offer.keyId, enc: hex(context.enc), openedAt };
  },
  async 'gateway seal'({ as, sessions, header, password }) {
    const contentKey = random(32);
    const encoded = encodeHeader(header);
    held.set(as, { contentKey, header });
    const wraps = [];
    for (const name of sessions) {
      const session = held.get(name);
      const counter = session.counter++;
      const wrapped = await gcm(session.key, wrapNonce(session.nonce, counter), encoded, 'encrypt', contentKey);
      wraps.push({ sessionId: hex(session.sessionId), counter, wrappedKey: hex(wrapped) });
    }
    const sealedPassword = await gcm(contentKey, new Uint8Array(12), encoded, 'encrypt', pad(utf8(password)));
    return { header: hex(encoded), sealedPassword: hex(sealedPassword), wraps };
  },
  async 'gateway verify'({ attempt, agentId, answer }) {
    const { contentKey, header } = held.get(attempt);
    if (answer.attemptId !== header.attemptId || answer.attemptNumber !== header.attemptNumber) return { believed: false };
    const data = authenticated(unhex(answer.attemptId), answer.attemptNumber, agentId, answer.verdict, unhex(answer.detail));
    return { believed: hex(await hmac(await answerKey(contentKey), data)) === answer.mac };
  },

  // The agent's side.
  async 'agent offer'({ as, agent }) {
    const certificate = await subtle.generateKey(ecdsa, false, ['sign', 'verify']);
    const pair = await suite.kem.generateKeyPair();
    const publicKey = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
    const keyId = random(8);
    const signature = await subtle.sign(ecdsaSha256, certificate.privateKey, keyOffer(agent, keyId, publicKey));
    held.set(as, { agent, pair, keyId });
    return {
      keyId: hex(keyId), publicKey: hex(publicKey), signature: hex(signature),
      certificatePublicKey: hex(await subtle.exportKey('raw', certificate.publicKey)),
    };
  },
  async 'agent accept'({ as, key, session }) {
    const { agent, pair, keyId } = held.get(key);
    const info = sessionInfo(agent, keyId, unhex(session.sessionId), session.openedAt);
    const context = await suite.createRecipientContext({ recipientKey: pair, enc: unhex(session.enc), info });
    held.set(as, { agent, sessionId: session.sessionId, ...await exported(context) });
    return {};
  },
  async 'agent open'({ as, session, attempt }) {
    const { agent, sessionId, key, nonce } = held.get(session);
    const wrap = attempt.wraps.find(candidate => candidate.sessionId === sessionId);
    const encoded = unhex(attempt.header);
    const contentKey = await gcm(key, wrapNonce(nonce, wrap.counter), encoded, 'decrypt', unhex(wrap.wrappedKey));
    const padded = await gcm(contentKey, new Uint8Array(12), encoded, 'decrypt', unhex(attempt.sealedPassword));
    const header = decodeHeader(encoded);
    held.set(as, { agent, contentKey, header });
    const length = padded[0] * 256 + padded[1];
    if (padded.slice(2 + length).some(byte => byte !== 0)) throw new Error('padding');
    return { header, password: new TextDecoder().decode(padded.slice(2, 2 + length)), paddedSize: padded.length };
  },
  async 'agent answer'({ attempt, verdict, detail }) {
    const { agent, contentKey, header } = held.get(attempt);
    const data = authenticated(unhex(header.attemptId), header.attemptNumber, agent.agentId, verdict, unhex(detail));
    return {
      attemptId: header.attemptId, attemptNumber: header.attemptNumber, verdict, detail,
      mac: hex(await hmac(await answerKey(contentKey), data)),
    };
  },

  // Every output of the golden files from their inputs.
  async golden({ agent, certificatePublicKey, privateKey, publicKey, keyId, signature, sessionId, openedAt, enc, header,
    contentKey, counter, password, verdict, detail }) {
    const signed = keyOffer(agent, unhex(keyId), unhex(publicKey));
    const verifier = await subtle.importKey('raw', unhex(certificatePublicKey), ecdsa, false, ['verify']);
    const info = sessionInfo(agent, unhex(keyId), unhex(sessionId), openedAt);
    const recipientKey = await suite.kem.importKey('raw', unhex(privateKey), false);
    const context = await suite.createRecipientContext({ recipientKey, enc: unhex(enc), info });
    const session = await exported(context);
    const encoded = encodeHeader(header);
    const nonce = wrapNonce(session.nonce, counter);
    const padded = pad(utf8(password));
    const macKey = await answerKey(unhex(contentKey));
    const data = authenticated(unhex(header.attemptId), header.attemptNumber, agent.agentId, verdict, unhex(detail));
    return {
      'header.encoded': hex(encoded),
      'sealing-key.signed': hex(signed),
      'sealing-key.signature': await subtle.verify(ecdsaSha256, verifier, unhex(signature), signed) ? signature : 'refused',
      'session.info': hex(info),
      'session.wrap_key': hex(session.key),
      'session.wrap_nonce': hex(session.nonce),
      'wrap.nonce': hex(nonce),
      'wrap.wrapped_key': hex(await gcm(session.key, nonce, encoded, 'encrypt', unhex(contentKey))),
      'password.padded': hex(padded),
      'password.sealed_password': hex(await gcm(unhex(contentKey), new Uint8Array(12), encoded, 'encrypt', padded)),
      'answer.answer_key': hex(macKey),
      'answer.authenticated': hex(data),
      'answer.mac': hex(await hmac(macKey, data)),
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    const request = JSON.parse(line);
    reply = await commands[request.do](request);
  } catch (fault) {
    reply = { fault: String(fault) };
  }
  process.stdout.write(JSON.stringify(reply) + '\n');
}
