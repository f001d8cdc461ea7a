// Package wav reads and writes sound files: RIFF WAVE with uncompressed samples of 16 bits.
package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Sound is what a file holds.
type Sound struct {
	Rate    int     // samples a second of each channel
	Samples []int16 // one channel; those of a file with more are their mean
}

// What a reader takes at most; speech is far below.
const (
	minRate     = 4000
	maxRate     = 192000
	maxChannels = 8
)

const (
	riffHeader  = 12
	chunkHeader = 8
	formatSize  = 16
	plain       = 1      // samples as they are
	extensible  = 0xFFFE // the kind of samples stands in a longer format chunk
	subFormatAt = 24
)

var (
	errNotWAVE   = errors.New("is no RIFF WAVE file")
	errNoFormat  = errors.New("has no format before its samples")
	errNoSamples = errors.New("has no samples")
)

// Decode reads a file. A program that writes to a pipe does not know its length beforehand, so sizes that go beyond the end
// mean the end.
func Decode(file []byte) (Sound, error) {
	if len(file) < riffHeader || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return Sound{}, fmt.Errorf("sound %w", errNotWAVE)
	}
	rest := file[riffHeader:]
	var form format
	for len(rest) >= chunkHeader {
		name, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:8]))
		rest = rest[chunkHeader:]
		body := rest[:min(size, uint64(len(rest)))]
		switch name {
		case "fmt ":
			var err error
			if form, err = readFormat(body); err != nil {
				return Sound{}, err
			}
		case "data":
			return form.read(body)
		}
		rest = rest[min(size+size%2, uint64(len(rest))):] // chunks of odd size are followed by one octet of nothing
	}
	return Sound{}, fmt.Errorf("sound %w", errNoSamples)
}

// format says how samples are laid out.
type format struct{ rate, channels int }

func readFormat(body []byte) (format, error) {
	if len(body) < formatSize {
		return format{}, fmt.Errorf("sound has a format of %d octets, want %d", len(body), formatSize)
	}
	kind := binary.LittleEndian.Uint16(body)
	if kind == extensible && len(body) >= subFormatAt+2 {
		kind = binary.LittleEndian.Uint16(body[subFormatAt:])
	}
	bits := binary.LittleEndian.Uint16(body[14:])
	if kind != plain || bits != 16 {
		return format{}, fmt.Errorf("sound is of kind %d with %d bits, want plain samples of 16 bits", kind, bits)
	}
	form := format{rate: int(binary.LittleEndian.Uint32(body[4:])), channels: int(binary.LittleEndian.Uint16(body[2:]))}
	if form.rate < minRate || form.rate > maxRate || form.channels < 1 || form.channels > maxChannels {
		return format{}, fmt.Errorf("sound has %d channels of %d samples a second", form.channels, form.rate)
	}
	return form, nil
}

func (f format) read(body []byte) (Sound, error) {
	if f.channels == 0 {
		return Sound{}, fmt.Errorf("sound %w", errNoFormat)
	}
	samples := make([]int16, len(body)/(2*f.channels))
	for i := range samples {
		sum := 0
		for c := range f.channels {
			sum += int(int16(binary.LittleEndian.Uint16(body[2*(i*f.channels+c):])))
		}
		samples[i] = int16(sum / f.channels)
	}
	return Sound{Rate: f.rate, Samples: samples}, nil
}

// Encode writes a file of one channel.
func Encode(s Sound) []byte {
	size := 2 * len(s.Samples)
	file := make([]byte, 0, riffHeader+2*chunkHeader+formatSize+size)
	file = append(file, "RIFF"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(4+2*chunkHeader+formatSize+size))
	file = append(file, "WAVEfmt "...)
	file = binary.LittleEndian.AppendUint32(file, formatSize)
	file = binary.LittleEndian.AppendUint16(file, plain)
	file = binary.LittleEndian.AppendUint16(file, 1)
	file = binary.LittleEndian.AppendUint32(file, uint32(s.Rate))
	file = binary.LittleEndian.AppendUint32(file, uint32(2*s.Rate))
	file = binary.LittleEndian.AppendUint16(file, 2)
	file = binary.LittleEndian.AppendUint16(file, 16)
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(size))
	for _, x := range s.Samples {
		file = binary.LittleEndian.AppendUint16(file, uint16(x))
	}
	return file
}
