package report
import "io"
func (d Document) HTML(w io.Writer) error { return nil }
func (o Overview) SVG(w io.Writer) error { return nil }
func ReadSaturation(from io.Reader) (Saturation, error) { return Saturation{}, nil }
