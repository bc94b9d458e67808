package column

// AddColumn is AddColumns for one column. (Until package lists fills columns side by side.)
func (t *Table) AddColumn(c Column, fill func(set *Values) error) error {
	v := NewValues(c)
	if err := fill(v); err != nil {
		return err
	}
	return t.AddColumns(v)
}
