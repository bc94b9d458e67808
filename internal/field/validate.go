package field

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"guanxi/internal/crm"
)

const (
	// MaxChoices is how many choices one field may have, on all levels.
	MaxChoices = 2000
	// MaxDepth is how many levels a cascade may have.
	MaxDepth = 6
	// MaxLabel is the longest label of a field or of a choice.
	MaxLabel = 100
	// defaultDecimals is how many places a new decimal or amount has.
	defaultDecimals = 2
)

// Targets are the entities that a relation can name.
func Targets() []string {
	return []string{"customer", "contact", "lead", "opportunity", "contract", "received_payment", "product"}
}

// Validate refuses what no definition of a field may be, with the first
// problem found. It trims labels, and fills in what a new field of the kind has
// where nothing was said: the decimal places.
func Validate(f *crm.CustomField) error {
	return validate(f, false)
}

// ValidateTexts refuses the label and the placeholder that no field may have,
// the system's or an own one. It trims the label.
func ValidateTexts(f *crm.CustomField) error {
	f.Label = strings.TrimSpace(f.Label)
	w := write{CustomField: f}
	switch {
	case f.Label == "":
		return crm.Required("字段名称", "Label")
	case utf8.RuneCountInString(f.Label) > MaxLabel:
		return crm.TooLong("字段名称", "Label", MaxLabel)
	case w.clean(f.Label, "") != nil:
		return crm.Invalid("字段名称含有不允许的字符", "Label contains characters that are not allowed")
	case utf8.RuneCountInString(f.Options.Placeholder) > crm.MaxText:
		return crm.TooLong(f.Label+"的输入提示", "Placeholder of "+f.Label, crm.MaxText)
	case w.clean(f.Options.Placeholder, "") != nil:
		return w.refuse("的输入提示含有不允许的字符", "has a placeholder with characters that are not allowed")
	}
	return nil
}

func validate(f *crm.CustomField, column bool) error {
	if err := ValidateTexts(f); err != nil {
		return err
	}
	k := Find(f.Kind)
	w := write{CustomField: f}
	switch {
	case k == nil:
		return w.refuse("的类型不存在", "has a type that does not exist")
	case !named(k, f.Name):
		return w.refuse("的标识必须是"+k.Prefix+"加6到8位十六进制数", "must be named "+k.Prefix+" and 6 to 8 hexadecimal digits")
	case column && !k.Simple:
		return w.refuse("的类型不能用于子表", "has a type that no column can have")
	}
	return k.options(w)
}

var hexadecimal = regexp.MustCompile(`^[0-9a-f]{6,8}$`)

func named(k *Kind, name string) bool {
	rest, ok := strings.CutPrefix(name, k.Prefix)
	return ok && hexadecimal.MatchString(rest)
}

// options checks the settings that only some kinds have; those of other kinds
// are removed.
func (k *Kind) options(w write) error {
	o, given := &w.Options, w.Options
	*o = crm.FieldOptions{Placeholder: given.Placeholder}
	if k.Choice {
		if len(w.Choices) == 0 {
			return w.refuse("至少要有一个选项", "needs at least one choice")
		}
		count := 0
		if err := k.choices(w, w.Choices, 1, &count); err != nil {
			return err
		}
	} else {
		w.CustomField.Choices = nil
	}
	switch k.Name {
	case "decimal", "money":
		places := defaultDecimals
		if given.Decimals != nil {
			places = *given.Decimals
		}
		if places < 0 || places > MaxPlaces {
			return w.refuse("的小数位数必须在0到10之间", "must have between 0 and 10 decimal places")
		}
		o.Decimals = &places
	case "phone":
		if !slices.Contains([]string{"", crm.PhoneOff, crm.PhoneMobile, crm.PhoneAny}, given.Phone) {
			return w.refuse("的号码格式只能是off、mobile或any", "can have the phone format off, mobile or any")
		}
		o.Phone = given.Phone
	case "relation":
		if !slices.Contains(Targets(), given.Target) {
			return w.refuse("的关联对象不存在", "has a target that does not exist")
		}
		o.Target = given.Target
	case "subform":
		o.Columns, o.MaxRows = given.Columns, given.MaxRows
		return w.columns()
	case "auto_number":
		o.Number = given.Number
		return w.rule()
	}
	return nil
}

func (w write) columns() error {
	columns := w.Options.Columns
	switch {
	case len(columns) == 0 || len(columns) > MaxColumns:
		return w.refuse("必须有1到30列", "must have between 1 and 30 columns")
	case w.Options.MaxRows < 0 || w.Options.MaxRows > MaxRows:
		return w.refuse("最多200行", "can have at most 200 rows")
	}
	names, labels := map[string]bool{}, map[string]bool{}
	for _, f := range columns {
		if f == nil {
			return w.refuse("的列不正确", "has a column that is none")
		}
		if err := validate(f, true); err != nil {
			return err
		}
		if names[f.Name] || labels[f.Label] {
			return w.refuse("的列重复", "has the same column twice")
		}
		names[f.Name], labels[f.Label] = true, true
	}
	return nil
}

func (w write) rule() error {
	r := w.Options.Number
	if r == nil {
		return nil
	}
	_, ok := dates(r.Date)
	switch {
	case utf8.RuneCountInString(r.Prefix) > 32:
		return crm.TooLong(w.Label+"的前缀", "Prefix of "+w.Label, 32)
	case w.clean(r.Prefix, "") != nil:
		return w.refuse("的前缀含有不允许的字符", "has a prefix with characters that are not allowed")
	case !ok:
		return w.refuse("的日期格式不正确", "has a date that is not written in a known form")
	case r.Digits < 0 || r.Digits > maxNumberDigits:
		n := strconv.Itoa(maxNumberDigits)
		return w.refuse("的流水号最多"+n+"位", "can have at most "+n+" leading digits")
	case r.Restart && r.Date == "":
		return w.refuse("没有日期,流水号不能重新开始", "has no date with which its number could begin again")
	}
	return nil
}

// choiceValue is how the value of a choice may be written: it must not contain
// what joins values.
var choiceValue = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// choices checks one level and those below it.
func (k *Kind) choices(w write, list []crm.Choice, depth int, count *int) error {
	if *count += len(list); *count > MaxChoices {
		n := strconv.Itoa(MaxChoices)
		return w.refuse("最多"+n+"个选项", "can have at most "+n+" choices")
	}
	values, labels := map[string]bool{}, map[string]bool{}
	for i := range list {
		c := &list[i]
		c.Label = strings.TrimSpace(c.Label)
		switch {
		case !choiceValue.MatchString(c.Value) || values[c.Value]:
			return w.refuse("的选项值不正确或重复", "has a choice whose value is not correct or not unique")
		case c.Label == "":
			return crm.Required(w.Label+"的选项", "A choice of "+w.Label)
		case utf8.RuneCountInString(c.Label) > MaxLabel:
			return crm.TooLong(w.Label+"的选项", "A choice of "+w.Label, MaxLabel)
		case w.clean(c.Label, "") != nil:
			return w.refuse("的选项含有不允许的字符", "has a choice with characters that are not allowed")
		case labels[c.Label]:
			return w.refuse("的选项“"+c.Label+"”重复", "has the choice “"+c.Label+"” twice")
		case c.Other && k.Name != "select":
			return w.refuse("不能有“其他”选项", "cannot have a choice with a text beside it")
		case len(c.Children) > 0 && (!k.Cascade || depth == MaxDepth):
			return w.refuse("的选项层级太多", "has too many levels of choices")
		}
		values[c.Value], labels[c.Label] = true, true
		if err := k.choices(w, c.Children, depth+1, count); err != nil {
			return err
		}
	}
	return nil
}
