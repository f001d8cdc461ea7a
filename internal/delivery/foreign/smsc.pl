#!/usr/bin/perl
# An SMSC made of Net::SMPP, for tests. It listens on a free port of 127.0.0.1, serves one client after the other, and writes
# one line of JSON for its port, each bind and each message, decoded by Perl's own Encode. It reports each message
# delivered, by text alone.
#
#   perl smsc.pl [packed]      with "packed", data_coding 0 means packed septets
use strict;
use warnings;
use Encode qw(decode);
use JSON::PP;
use Net::SMPP;

my $packed = (shift // '') eq 'packed';
my $json = JSON::PP->new->ascii->canonical;
my $next = 0xA0;
$| = 1;

sub say_line { print $json->encode(shift), "\n" }

# The user data header in hex, and the text.
sub decoded {
    my ($pdu) = @_;
    my $data = length $pdu->{short_message} ? $pdu->{short_message} : $pdu->{message_payload} // '';
    my $header = '';
    if ($pdu->{esm_class} & 0x40) {
        my $end = 1 + ord substr($data, 0, 1);
        $header = unpack 'H*', substr($data, 1, $end - 1);
        $data = substr $data, $end;
    }
    return ($header, decode('UTF-16BE', $data)) if $pdu->{data_coding} == 8;
    $data = Net::SMPP::unpack_7bit($data) if $packed;
    return ($header, decode('gsm0338', $data));
}

sub submitted {
    my ($client, $pdu) = @_;
    my $id = ++$next;
    my ($header, $text) = decoded($pdu);
    say_line({ message => {
        to => $pdu->{destination_addr}, from => $pdu->{source_addr}, ton => $pdu->{source_addr_ton},
        npi => $pdu->{source_addr_npi}, coding => $pdu->{data_coding}, validity => $pdu->{validity_period},
        text => $text, header => $header,
    } });
    $client->submit_sm_resp(message_id => "$id", seq => $pdu->{seq});
    return unless $pdu->{registered_delivery};
    $client->deliver_sm(
        esm_class => 4, source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr}, async => 1,
        short_message => "id:$id sub:001 dlvrd:001 submit date:2611212230 done date:2611212231 stat:DELIVRD err:000 text:",
    );
}

sub serve {
    my ($client) = @_;
    while (my $pdu = $client->read_pdu()) {
        my $command = $pdu->{cmd};
        if ($command == Net::SMPP::CMD_bind_transceiver) {
            $client->bind_transceiver_resp(system_id => 'perl', seq => $pdu->{seq});
            say_line({ bind => { command => 'bind_transceiver', version => $pdu->{interface_version} } });
        }
        elsif ($command == Net::SMPP::CMD_submit_sm)    { submitted($client, $pdu) }
        elsif ($command == Net::SMPP::CMD_enquire_link) { $client->enquire_link_resp(seq => $pdu->{seq}) }
        elsif ($command == Net::SMPP::CMD_deliver_sm_resp) { say_line({ ack => { status => $pdu->{status} } }) }
        elsif ($command == Net::SMPP::CMD_unbind) {
            $client->unbind_resp(seq => $pdu->{seq});
            say_line({ unbind => {} });
            return;
        }
    }
}

my $server = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34, interface_version => 0x34, timeout => 60)
    or die "listen: $!";
say_line({ port => $server->sockport });
while (1) {
    my $client = $server->accept or next;
    serve($client);
    close $client;
}
