package sandbox

import wire "github.com/pinpost/pinpost/api/sandbox"

// What the sandbox answers.
type (
	// Message is a captured message: one that would have gone out. Pin is the PIN in it.
	Message = wire.CapturedMessage
	// Page is some of the captured messages, newest first. Next is nil on the last page.
	Page = wire.CapturedPage
	// Fault is a planned fault, and how often it has struck.
	Fault = wire.Fault
	// Scenario is an outcome and the numbers that have it.
	Scenario = wire.Scenario
	// World is a private world.
	World = wire.World
	// NewWorld is a world that was just opened, with its API key.
	NewWorld = wire.NewWorld
)

// What a seed is made of; see Client.LoadSeed.
type (
	// Seed is applications with their messages.
	Seed = wire.Seed
	// SeedApplication is an application with its messages. Its ID is yours to choose.
	SeedApplication = wire.SeedApplication
	// SeedMessage is a message in an application. Its ID is yours to choose.
	SeedMessage = wire.SeedMessage
	// Configuration is the limits of an application; nil takes the default. Lengths of time are milliseconds.
	Configuration = wire.ConfigurationInput
	// PINType says which characters a PIN is made of.
	PINType = wire.PinType
)

// The types of PINs.
const (
	PINTypeNumeric      = wire.PinTypeNumeric
	PINTypeAlpha        = wire.PinTypeAlpha
	PINTypeHex          = wire.PinTypeHex
	PINTypeAlphanumeric = wire.PinTypeAlphanumeric
)

// Channel is the way of a message.
type Channel = wire.Channel

// The channels.
const (
	ChannelSMS   = wire.ChannelSMS
	ChannelVoice = wire.ChannelVoice
)

// Effect is what a fault does to a call.
type Effect = wire.Effect

// The effects.
const (
	EffectDelay           = wire.EffectDelay           // it is carried out later
	EffectTooManyRequests = wire.EffectTooManyRequests // it answers 429
	EffectGeneralError    = wire.EffectGeneralError    // it answers 500
	EffectUnavailable     = wire.EffectUnavailable     // it answers 503
	EffectReset           = wire.EffectReset           // the connection is broken without an answer
	EffectCarrierRefusal  = wire.EffectCarrierRefusal  // it is carried out, and the carrier refuses the message
)

// Operation is an operation of the 2FA PIN API, named as its contract names it.
type Operation = wire.Operation

// The operations.
const (
	OperationSendPIN           = wire.OperationSendPinOverSms
	OperationSendPINByVoice    = wire.OperationSendPinOverVoice
	OperationResendPIN         = wire.OperationResendPinOverSms
	OperationResendPINByVoice  = wire.OperationResendPinOverVoice
	OperationVerifyPIN         = wire.OperationVerifyPin
	OperationPINStatus         = wire.OperationGetPinStatus
	OperationCreateApplication = wire.OperationCreateApplication
	OperationListApplications  = wire.OperationListApplications
	OperationGetApplication    = wire.OperationGetApplication
	OperationUpdateApplication = wire.OperationUpdateApplication
	OperationCreateMessage     = wire.OperationCreateMessage
	OperationListMessages      = wire.OperationListMessages
	OperationGetMessage        = wire.OperationGetMessage
	OperationUpdateMessage     = wire.OperationUpdateMessage
	OperationListVerifications = wire.OperationListVerifications
	OperationCreateAPIKey      = wire.OperationCreateAPIKey
)
