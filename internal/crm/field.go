package crm

// CustomField is the definition of a field that the organization made. As a
// column of a sub-form it is kept as JSON within the field that it belongs to,
// and has neither id nor entity.
type CustomField struct {
	ID       int64        `json:"-"`
	Entity   string       `json:"-"`
	Name     string       `json:"name"` // the key on the wire, such as text_asset_7c7b94f7
	Label    string       `json:"label"`
	Kind     string       `json:"kind"` // see package field
	GroupID  int64        `json:"-"`
	Position int          `json:"position,omitempty"`
	Enabled  bool         `json:"enabled"`
	Common   bool         `json:"common,omitempty"` // shown without unfolding a form
	Required bool         `json:"required,omitempty"`
	Choices  []Choice     `json:"choices,omitempty"` // of the kinds that choose
	Options  FieldOptions `json:"options,omitzero"`
}

// RecordRef names a record of some kind.
type RecordRef struct {
	Entity string
	ID     int64
}

// Choice is one option of a custom select field.
type Choice struct {
	Value string `json:"value"` // sel_4d1f, mul_4d1f, nes_4d1f
	Label string `json:"label"`
	// Disabled says that nobody can choose it any more. Records that have it
	// keep it, and show its label.
	Disabled bool `json:"disabled,omitempty"`
	// Other says that a text of the writer's own stands beside it, in
	// <name>_other, and is shown in its place.
	Other bool `json:"other,omitempty"`
	// Children are the choices below it, of cascades only.
	Children []Choice `json:"children,omitempty"`
}

// FieldOptions are the settings of a field that only some kinds have. The zero
// value does for every kind that needs none.
type FieldOptions struct {
	Placeholder string `json:"placeholder,omitempty"`
	// Decimals is how many places a decimal or an amount is rounded to. A
	// field without it, made before there was the setting, keeps the digits.
	Decimals *int `json:"decimals,omitempty"`
	// Phone says which numbers a phone field takes: PhoneOff, PhoneMobile or
	// PhoneAny, which "" means too.
	Phone string `json:"phone,omitempty"`
	// Target is the entity whose records a relation names.
	Target string `json:"target,omitempty"`
	// Columns are the fields of a row of a sub-form, and MaxRows how many rows
	// there may be, 0 for the most that the system takes.
	Columns []*CustomField `json:"columns,omitempty"`
	MaxRows int            `json:"max_rows,omitempty"`
	// Number is the rule of an automatic number.
	Number *NumberRule `json:"number,omitempty"`
}

// What the setting FieldOptions.Phone can be.
const (
	PhoneOff    = "off"    // any text
	PhoneMobile = "mobile" // a mobile number of mainland China
	PhoneAny    = "any"    // whatever people write as a number
)

// NumberRule says how an automatic number is written: the prefix, the date,
// then the running number with leading zeros.
type NumberRule struct {
	Prefix string `json:"prefix,omitempty"`
	Date   string `json:"date,omitempty"`   // "", "YYYY", "YYYYMM", "YYYYMMDD" or "YYMMDD"
	Digits int    `json:"digits,omitempty"` // at least so many
	// Restart says that the running number begins again when the date changes.
	Restart bool `json:"restart,omitempty"`
}
