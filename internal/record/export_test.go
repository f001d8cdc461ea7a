package record

// Compose is a recording that is not written.
func Compose(feed func(*Recorder)) (map[string]string, Summary, error) {
	r := &Recorder{leftOut: map[string]int{}}
	feed(r)
	files, summary, err := r.compose()
	texts := map[string]string{}
	for _, f := range files {
		texts[f.name] = string(f.text)
	}
	return texts, summary, err
}
