package postgres

import "github.com/jackc/pgx/v5"

// columns are rows turned on their side: one array for each column.
type columns []any

// add adds a row.
func (c columns) add(values ...any) {
	for i, value := range values {
		switch v := value.(type) {
		case string:
			c[i] = grown(c[i], v)
		case *string:
			c[i] = grown(c[i], v)
		case int64:
			c[i] = grown(c[i], v)
		case bool:
			c[i] = grown(c[i], v)
		case [16]byte:
			c[i] = grown(c[i], v)
		case []byte:
			c[i] = grown(c[i], v)
		default:
			panic("a column of an unknown type") // a mistake of ours that every test meets
		}
	}
}

func grown[T any](column any, value T) []T {
	values, _ := column.([]T)
	return append(values, value)
}

// args are the arguments of a statement.
func (c columns) args() []any { return c }

// queue adds a statement about the rows to a batch, if there are any.
func (c columns) queue(batch *pgx.Batch, statement string) {
	if c[0] != nil {
		batch.Queue(statement, c...)
	}
}
