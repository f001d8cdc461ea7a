package main

import (
	"fmt"
	"runtime/debug"
)

// version is set by the linker when a release is built: -ldflags "-X main.version=v1.2.3".
var version string

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s *streams) error {
	_, err := fmt.Fprintln(s.out, "pinpost", programVersion())
	return err
}

// programVersion is the linker's word, or else what the build noted by itself.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return builtVersion(info)
	}
	return unknownVersion
}

const (
	unknownVersion = "dev"
	revisionLength = 12 // as in the pseudo-versions of Go
)

// builtVersion is the version of the module, as "go install" notes it, or the revision of the working copy.
func builtVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	var revision, tail string
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			revision = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			tail = "-dirty"
		}
	}
	if revision == "" {
		return unknownVersion
	}
	return revision[:min(len(revision), revisionLength)] + tail
}
