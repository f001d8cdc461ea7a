package templated

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// Fields are what templates print.
type Fields struct {
	AttemptID   string            // our id of this try
	To          string            // digits without a plus
	From        string            // the sender; may be empty
	Text        string            // the message
	Unicode     bool              // whether it needs UCS-2
	Parts       int               // how many SMS it takes
	Seconds     int64             // the rest of the PIN's life; 0 when it has none
	Minutes     int64             // the same, rounded up
	CallbackURL string            // where receipts go, with the token and our id; empty when none are asked for
	Params      map[string]string // what a region asks for besides, such as {{.Params.entity_id}}
}

// templates are the parts of a request.
type templates struct {
	url     *template.Template
	headers map[string]*template.Template
	body    *template.Template
}

// compile parses a template and has everything that it prints escaped for the place where it stands.
func compile(name, text, escaper string, secrets map[string]smshttp.Secret) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=zero").Funcs(functions(secrets)).Parse(text)
	if err != nil {
		return nil, err
	}
	for _, one := range t.Templates() {
		if one.Tree == nil {
			continue
		}
		w := walker{escaper: escaper, secrets: secrets}
		w.list(one.Root)
		if len(w.errs) > 0 {
			return nil, errors.Join(w.errs...)
		}
	}
	return t, nil
}

// walker visits a parsed template: it adds the escaper to each pipeline that prints, and checks the names of secrets.
type walker struct {
	escaper string
	secrets map[string]smshttp.Secret
	errs    []error
}

func (w *walker) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, node := range l.Nodes {
		switch n := node.(type) {
		case *parse.ActionNode:
			w.pipe(n.Pipe)
			if len(n.Pipe.Decl) == 0 {
				w.escape(n.Pipe)
			}
		case *parse.IfNode:
			w.branch(&n.BranchNode)
		case *parse.RangeNode:
			w.branch(&n.BranchNode)
		case *parse.WithNode:
			w.branch(&n.BranchNode)
		case *parse.TemplateNode:
			w.pipe(n.Pipe)
		}
	}
}

func (w *walker) branch(b *parse.BranchNode) {
	w.pipe(b.Pipe)
	w.list(b.List)
	w.list(b.ElseList)
}

// escape ends a pipeline in the escaper of the place, unless it does already.
func (w *walker) escape(p *parse.PipeNode) {
	last := p.Cmds[len(p.Cmds)-1]
	if name, ok := last.Args[0].(*parse.IdentifierNode); ok && name.Ident == w.escaper {
		return
	}
	escaper := parse.NewIdentifier(w.escaper).SetPos(p.Position())
	p.Cmds = append(p.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: p.Position(), Args: []parse.Node{escaper}})
}

// pipe checks the names of secrets, which must be written out so that a wrong one shows before the first text.
func (w *walker) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, cmd := range p.Cmds {
		if name, ok := cmd.Args[0].(*parse.IdentifierNode); ok && (name.Ident == "secret" || name.Ident == "basic") {
			w.secret(name.Ident, cmd.Args[len(cmd.Args)-1])
		}
		for _, arg := range cmd.Args {
			if inner, ok := arg.(*parse.PipeNode); ok {
				w.pipe(inner)
			}
		}
	}
}

func (w *walker) secret(function string, arg parse.Node) {
	name, ok := arg.(*parse.StringNode)
	if !ok {
		w.errs = append(w.errs, fmt.Errorf("%s needs the name of a secret in quotes", function))
		return
	}
	if _, known := w.secrets[name.Text]; !known {
		w.errs = append(w.errs, fmt.Errorf("there is no secret %q", name.Text))
	}
}

func render(t *template.Template, f Fields) (string, error) {
	if t == nil {
		return "", nil
	}
	var out strings.Builder
	if err := t.Execute(&out, f); err != nil {
		return "", fmt.Errorf("render %s: %w", t.Name(), err)
	}
	return out.String(), nil
}
