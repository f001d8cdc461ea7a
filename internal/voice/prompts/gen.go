//go:build prompts

package prompts

// Behind a tag, as it needs espeak-ng, which nobody should need who generates the rest of the repository.
//
//go:generate go run ../promptgen .
