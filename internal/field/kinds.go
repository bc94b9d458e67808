package field

const (
	textAsset     = "text_asset_"
	numericAsset  = "numeric_asset_"
	datetimeAsset = "datetime_asset_"
	fileAsset     = "file_asset_"
	userAsset     = "user_field_asset_"
	// The prefixes of departments and headings are our choice.
	departmentAsset = "department_field_asset_"
	sectionAsset    = "section_asset_"
)

// Kinds is the table of all kinds.
func Kinds() []Kind {
	return []Kind{
		{Name: "text", Prefix: textAsset, FieldType: "text_field", Empty: "null", parse: parseText, Simple: true,
			Held: HeldText, Searched: true, Sorted: true, Checked: true},
		{Name: "text_area", Prefix: "text_area_asset_", FieldType: "text_area_field", Empty: "null", parse: parseTextArea,
			Simple: true},
		{Name: "email", Prefix: textAsset, FieldType: "email_field", Empty: "null", parse: parseEmail, Simple: true,
			Held: HeldText, Searched: true, Sorted: true, Checked: true},
		{Name: "phone", Prefix: textAsset, FieldType: "phone_field", Empty: "null", parse: parsePhone, Simple: true, Phone: true,
			Held: HeldText, Searched: true, Checked: true},
		{Name: "link", Prefix: textAsset, FieldType: "url_field", Empty: "null", parse: parseLink, Simple: true,
			Held: HeldText, Searched: true},

		{Name: "integer", Prefix: numericAsset, FieldType: "integer_field", Empty: "null", parse: parseInteger, Simple: true,
			Held: HeldFloat, Filtered: true, Sorted: true},
		{Name: "decimal", Prefix: numericAsset, FieldType: "decimal_field", Empty: "null", parse: parseDecimal, Simple: true,
			Held: HeldFloat, Filtered: true, Sorted: true},
		{Name: "money", Prefix: numericAsset, FieldType: "money_field", Empty: "null", parse: parseDecimal, Simple: true,
			Held: HeldFloat, Filtered: true, Sorted: true},

		{Name: "date", Prefix: datetimeAsset, FieldType: "date_field", Empty: `""`, parse: parseDate, Simple: true,
			Held: HeldTime, Filtered: true, Sorted: true},
		{Name: "datetime", Prefix: datetimeAsset, FieldType: "datetime_field", Empty: `""`, parse: parseDatetime, Simple: true,
			Held: HeldTime, Filtered: true, Sorted: true},

		{Name: "select", Prefix: textAsset, FieldType: "select2_field", Empty: "null", parse: parseSelect, Simple: true,
			Choice: true, ChoicePrefix: "sel_", Held: HeldSet, Filtered: true},
		{Name: "multi_select", Prefix: textAsset, FieldType: "multi_select2_field", Empty: "[]", parse: parseMultiSelect,
			Simple: true, Choice: true, ChoicePrefix: "mul_", Held: HeldSet, Filtered: true},
		{Name: "cascade", Prefix: textAsset, FieldType: "nested_select_field", Empty: "null", parse: parseSelect,
			Choice: true, ChoicePrefix: "nes_", Cascade: true, Held: HeldSet, Filtered: true},
		{Name: "multi_cascade", Prefix: textAsset, FieldType: "multi_nested_select_field", Empty: "[]", parse: parseMultiSelect,
			Choice: true, ChoicePrefix: "nes_", Cascade: true, Held: HeldSet, Filtered: true},

		{Name: "file", Prefix: fileAsset, FieldType: "file_field", Empty: "[]", parse: parseFiles, Files: true, Reference: "file"},
		{Name: "picture", Prefix: fileAsset, FieldType: "image_field", Empty: "[]", parse: parsePictures, Files: true,
			Pictures: true, Reference: "file"},

		{Name: "user", Prefix: userAsset, FieldType: "user_field", Empty: "null", parse: parseReference, Reference: "user",
			Held: HeldSet, Filtered: true},
		{Name: "multi_user", Prefix: userAsset, FieldType: "multi_user_field", Empty: "[]", parse: parseReferences,
			Reference: "user", Held: HeldSet, Filtered: true},
		{Name: "department", Prefix: departmentAsset, FieldType: "department_field", Empty: "null", parse: parseReference,
			Reference: "department", Held: HeldSet, Filtered: true},
		{Name: "multi_department", Prefix: departmentAsset, FieldType: "multi_department_field", Empty: "[]",
			parse: parseReferences, Reference: "department", Held: HeldSet, Filtered: true},
		{Name: "relation", Prefix: "custom_relation_asset_", FieldType: "custom_relation_field", Empty: "null",
			parse: parseReference, Reference: "record", Held: HeldSet, Filtered: true},

		{Name: "subform", Prefix: "subform_asset_", FieldType: "subform_field", Empty: "[]", parse: parseRows, Rows: true},
		{Name: "auto_number", Prefix: textAsset, FieldType: "auto_number_field", Empty: "null", ReadOnly: true,
			Held: HeldText, Searched: true, Sorted: true},
		{Name: "section", Prefix: sectionAsset, FieldType: "section_field", Empty: "null", ReadOnly: true, NoValue: true},
	}
}

var byName map[string]*Kind

// The table names the parsers, and that of sub-forms looks kinds up.
func init() {
	all := Kinds()
	byName = make(map[string]*Kind, len(all))
	for i := range all {
		byName[all[i].Name] = &all[i]
	}
}

// SystemTypes are the words of the wire for the fields of the system, which
// have no kind of this package, by what the field holds.
func SystemTypes() map[string]string {
	return map[string]string{
		"text": "text_field", "note": "text_area_field", "select": "select2_field", "gender": "select2_field",
		"phone": "phone_field", "email": "email_field", "url": "url_field", "date": "date_field", "time": "datetime_field",
		"user": "user_field", "users": "multi_user_field", "department": "department_field", "record": "custom_relation_field",
		"address": "address_field", "region": "region_field", "labels": "label_field", "file": "file_field",
		"picture": "image_field", "money": "money_field",
	}
}
