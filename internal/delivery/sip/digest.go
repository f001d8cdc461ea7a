package sip

import (
	"context"
	"errors"
	"strings"

	"github.com/icholy/digest"

	siplib "github.com/emiago/sipgo/sip"
)

// maxChallenges is how often a password is shown: once, and once more for a nonce that has grown old meanwhile.
const maxChallenges = 2

// authorise answers a challenge with our password, in a transaction of its own. Without one, with one that was refused
// already, or for any other response it tells how the call ended.
func (k *call) authorise(life context.Context, response *siplib.Response) (retried bool, refusal ending) {
	refusal = k.refusal(response)
	if !challenges(response) || k.carrier.settings.Password == "" || k.challenged == maxChallenges {
		return false, refusal
	}
	k.challenged++
	request := k.request.Clone()
	request.RemoveHeader("Via")
	request.CSeq().SeqNo++
	if err := k.carrier.sign(request, response); err != nil {
		refusal.err = err
		return false, refusal
	}
	ctx, cancel := context.WithTimeout(life, k.carrier.settings.NoResponse)
	defer cancel()
	if failed := k.send(ctx, request); failed != nil {
		return false, *failed
	}
	return true, ending{}
}

func challenges(response *siplib.Response) bool {
	return response.StatusCode == siplib.StatusUnauthorized || response.StatusCode == siplib.StatusProxyAuthRequired
}

// sign puts the answer to a challenge into a request: the first challenge that we can answer, as servers put the one first
// that they like best.
func (c *Carrier) sign(request *siplib.Request, response *siplib.Response) error {
	ask, answer := "WWW-Authenticate", "Authorization"
	if response.StatusCode == siplib.StatusProxyAuthRequired {
		ask, answer = "Proxy-Authenticate", "Proxy-Authorization"
	}
	for _, header := range response.GetHeaders(ask) {
		challenge, err := digest.ParseChallenge(header.Value())
		if err != nil {
			continue
		}
		challenge.Algorithm = strings.ToUpper(challenge.Algorithm) // some write md5
		credentials, err := digest.Digest(challenge, digest.Options{
			Method: string(request.Method), URI: request.Recipient.String(), Count: 1,
			Username: c.settings.Username, Password: c.settings.Password.Reveal(),
		})
		if err != nil {
			continue
		}
		request.RemoveHeader(answer)
		request.AppendHeader(siplib.NewHeader(answer, credentials.String()))
		return nil
	}
	return errors.Join(errCredentials, errors.New("none of its challenges can be answered"))
}
