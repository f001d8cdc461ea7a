package postgres

import (
	"encoding/binary"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// columns are rows turned on their side: one array for each column.
type columns []column

// column is an array as PostgreSQL reads it, but for its head. It is written as rows come: arrays of Go's would cost two
// allocations for each value, on their way here and on their way out.
type column struct {
	of       uint32 // the type of its elements
	rows     uint32
	nulls    bool
	elements []byte
}

// add adds a row.
func (c columns) add(values ...any) {
	for i, value := range values {
		switch to := &c[i]; v := value.(type) {
		case string:
			to.grow(pgtype.TextOID, len(v))
			to.elements = append(to.elements, v...)
		case *string:
			if v == nil {
				to.addNull(pgtype.TextOID)
				continue
			}
			to.grow(pgtype.TextOID, len(*v))
			to.elements = append(to.elements, *v...)
		case int64:
			to.grow(pgtype.Int8OID, 8)
			to.elements = binary.BigEndian.AppendUint64(to.elements, uint64(v))
		case bool:
			to.grow(pgtype.BoolOID, 1)
			is := byte(0)
			if v {
				is = 1
			}
			to.elements = append(to.elements, is)
		case []byte:
			if v == nil {
				to.addNull(pgtype.ByteaOID)
				continue
			}
			to.grow(pgtype.ByteaOID, len(v))
			to.elements = append(to.elements, v...)
		default:
			panic("a column of an unknown type") // a mistake of ours that every test meets
		}
	}
}

// grow begins an element of so many bytes.
func (c *column) grow(of uint32, bytes int) {
	c.of, c.rows = of, c.rows+1
	c.elements = binary.BigEndian.AppendUint32(c.elements, uint32(bytes))
}

func (c *column) addNull(of uint32) {
	c.grow(of, -1)
	c.nulls = true
}

// empty tells whether there are no rows.
func (c columns) empty() bool { return c[0].rows == 0 }

// args are the arguments of a statement.
func (c columns) args() []any {
	all := make([]any, len(c), len(c)+1)
	for i := range c {
		all[i] = &c[i]
	}
	return all
}

// queue adds a statement about the rows to a batch, if there are any.
func (c columns) queue(batch *pgx.Batch, statement string) {
	if !c.empty() {
		batch.Queue(statement, c.args()...)
	}
}

// writeColumns has a connection write columns as they are.
func writeColumns(types *pgtype.Map) {
	for _, oid := range []uint32{pgtype.Int8ArrayOID, pgtype.BoolArrayOID, pgtype.ByteaArrayOID, pgtype.TextArrayOID} {
		if known, is := types.TypeForOID(oid); is {
			types.RegisterType(&pgtype.Type{Name: known.Name, OID: oid, Codec: columnCodec{known.Codec}})
		}
	}
}

// columnCodec writes columns, and all else as the codec does that it stands before.
type columnCodec struct{ pgtype.Codec }

// PlanEncode implements pgtype.Codec.
func (c columnCodec) PlanEncode(types *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, is := value.(*column); is && format == pgtype.BinaryFormatCode {
		return columnPlan{}
	}
	return c.Codec.PlanEncode(types, oid, format, value)
}

type columnPlan struct{}

// Encode implements pgtype.EncodePlan: the number of dimensions, whether there are NULLs, the type, the length, the first place.
// No rows are NULL.
func (columnPlan) Encode(value any, to []byte) ([]byte, error) {
	c := value.(*column)
	if c.rows == 0 {
		return nil, nil
	}
	nulls := uint32(0)
	if c.nulls {
		nulls = 1
	}
	for _, n := range []uint32{1, nulls, c.of, c.rows, 1} {
		to = binary.BigEndian.AppendUint32(to, n)
	}
	return append(to, c.elements...), nil
}
