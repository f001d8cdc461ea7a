// An SMSC made of the npm package "smpp", for tests. It listens on a free port of 127.0.0.1 and writes one line of JSON for
// its port, each bind and each message that it decoded. What it does with a message is decided by the last two digits of
// its destination, as in the package smpptest. A line on standard input asks for its counts.
//
//   node smsc.js [password]      TLS_KEY and TLS_CERT name PEM files; QUIET=1 counts messages and does not write them
'use strict';

const fs = require('fs');
const smpp = require('smpp');

const password = process.argv[2] || '';
const quiet = process.env.QUIET === '1';
const options = process.env.TLS_KEY
  ? { key: fs.readFileSync(process.env.TLS_KEY), cert: fs.readFileSync(process.env.TLS_CERT) }
  : {};
const tries = {};
const counts = { submits: 0, acks: 0, inFlight: 0, most: 0 };
let nextID = 0xa0;

function say(what) {
  process.stdout.write(JSON.stringify(what) + '\n');
}

function decoded(pdu) {
  const field = pdu.message_payload && pdu.message_payload.message ? pdu.message_payload : pdu.short_message;
  const header = (field.udh || []).map((element) => element.toString('hex'));
  return {
    to: pdu.destination_addr, from: pdu.source_addr, ton: pdu.source_addr_ton, npi: pdu.source_addr_npi,
    coding: pdu.data_coding, validity: String(pdu.validity_period), text: field.message.toString(), header: header.join(' '),
  };
}

function report(session, pdu, id, state, word) {
  session.deliver_sm({
    esm_class: 4, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
    receipted_message_id: id, message_state: state,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2611212230 done date:2611212231 stat:${word} err:000 text:`,
  }, () => { counts.acks++; });
}

function taken(session, pdu) {
  const id = String(++nextID);
  const to = pdu.destination_addr.slice(-2);
  session.send(pdu.response({ message_id: id }));
  if (!pdu.registered_delivery || to === '10') return;
  if (to === '66') report(session, pdu, id, 5, 'UNDELIV');
  else report(session, pdu, id, 2, 'DELIVRD');
}

function submitted(session, pdu) {
  const to = pdu.destination_addr;
  counts.submits++;
  if (!quiet) say({ message: decoded(pdu) });
  switch (to.slice(-2)) {
    case '58':
      tries[to] = (tries[to] || 0) + 1;
      if (tries[to] <= 2) return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
      return taken(session, pdu);
    case '11':
      return session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    case '77':
      return undefined;
    case '99':
      return session.destroy();
    case '55':
      taken(session, pdu);
      return session.unbind();
    default:
      counts.most = Math.max(counts.most, ++counts.inFlight);
      return setTimeout(() => { counts.inFlight--; taken(session, pdu); }, quiet ? 2 : 0);
  }
}

function bound(session, pdu) {
  if (password && pdu.password !== password) {
    return session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
  }
  say({ bind: { command: pdu.command, version: pdu.interface_version } });
  return session.send(pdu.response({ system_id: 'node' }));
}

const server = smpp.createServer(options, (session) => {
  session.on('error', () => session.destroy());
  for (const command of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) {
    session.on(command, (pdu) => bound(session, pdu));
  }
  session.on('submit_sm', (pdu) => submitted(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('unbind_resp', () => session.close());
});
server.on('error', () => {}); // a client that does not like our certificate
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
process.stdin.on('data', () => say({ counts }));
process.stdin.on('end', () => process.exit(0));
