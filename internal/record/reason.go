package record

import "errors"

var (
	errClosed  = errors.New("the recording is closed")
	errBetrays = errors.New("nothing is written: something that may be a secret is left in fixture.json")
)

// Why exchanges are no cases.
const (
	full        = "the recording is full"
	same        = "it is the same as another"
	secret      = "something that may be a secret is left in it"
	noOperation = "the contract has no such operation"
	notJSON     = "a body is not JSON"
	tooLarge    = "its body is too large"
	faulty      = "the service was at fault"
	oddHeader   = "a header is not of a plain form"
	oddQuery    = "the query has what the contract does not know"
	oddBody     = "the request has what the contract does not know"
	oddAnswer   = "the answer has what the contract does not know"
	oddNumber   = "its phone number is taken otherwise than a replay would take it"
	oddKey      = "its Idempotency-Key is refused"
	placeholder = "a text in it looks like a placeholder of a case"
	noNumbers   = "there are no more phone numbers that are reserved for fiction"
	oddStatus   = "its status is not of the contract"
	unsigned    = "it was answered without credentials"
	stranger    = "it may be of another account"
	early       = "its PIN was sent before the recording began"
	carrier     = "its outcome depends on a carrier"
	otherwise   = "a lookup said something else of its number before"
	timely      = "it took time between requests, which a replay does not take"
	expired     = "its PIN has expired"
	unclear     = "why it was refused cannot be seen"
	changed     = "what it is about was changed by somebody else"
	incomplete  = "something that came before it is left out"
	listed      = "it lists more or less than there is at the start of a replay"
	rows        = "it lists verifications"
	unheard     = "its Idempotency-Key was used before the recording began"
	alike       = "the difference that it is refused for is not recorded"
	tooMuch     = "too much came before it"
)
