// A scripted SMSC for tests: node smsc.js PORT. It prints one line of JSON for each thing that happens. What it does with
// a text goes by the last two digits of the number: 11 is refused as no address, 66 is taken and not delivered, 67 is taken
// and runs out; any other is delivered.
'use strict';
const smpp = require('smpp');

const say = (event) => process.stdout.write(JSON.stringify(event) + '\n');
const receipts = { 66: ['UNDELIV', 5], 67: ['EXPIRED', 3] };
let count = 0;

function receipt(session, pdu, id) {
  const [stat, state] = receipts[pdu.destination_addr.slice(-2)] || ['DELIVRD', 2];
  session.deliver_sm({
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2611212200 done date:2611212201 stat:${stat} err:000 text:secret start`,
    receipted_message_id: id, message_state: state,
  });
}

function submit(session, pdu) {
  if (pdu.destination_addr.endsWith('11')) {
    session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    return;
  }
  const id = String(++count);
  const { udh, message } = pdu.short_message;
  say({
    event: 'submit', id, to: pdu.destination_addr, from: pdu.source_addr, text: message, coding: pdu.data_coding,
    part: udh && udh.length ? [...udh[0]].slice(-3) : null, validity: String(pdu.validity_period || ''), wants: pdu.registered_delivery,
  });
  session.send(pdu.response({ message_id: id }));
  if (pdu.registered_delivery & 1) {
    setTimeout(() => receipt(session, pdu, id), 20);
  }
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => {
    session.send(pdu.response());
    say({ event: 'bind' });
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => submit(session, pdu));
  session.on('error', () => {});
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => say({ event: 'listening' }));
