package api

import v2 "guanxi/internal/api/v2"

// fieldRoutes are the calls about fields, options and business types.
func fieldRoutes() []route {
	const fields, groups = "/api/v2/custom_fields/{entity_type}", "/api/v2/custom_field_groups"
	const options, templates = "/api/v2/field_maps/{entity}", "/api/v2/custom_field_templates"
	return []route{
		{method: "GET", path: fields + "/by_group", handler: v2.FormByGroup, operation: "custom_fields.by_group", conditional: true},
		{method: "GET", path: "/api/v2/custom_fields/by_group_all", handler: v2.FormsByGroup, operation: "custom_fields.by_group_all", conditional: true},
		{method: "GET", path: options, handler: v2.FieldMaps, operation: "field_maps.list", conditional: true},
		{method: "GET", path: templates, handler: v2.Templates, operation: "custom_field_templates.list", conditional: true},

		{method: "GET", path: fields, handler: v2.AllFields, operation: "custom_fields.list", conditional: true},
		{method: "GET", path: fields + "/preview", handler: v2.PreviewForm, operation: "custom_fields.preview", conditional: true},
		{method: "POST", path: fields, handler: v2.AddField, operation: "custom_fields.create"},
		{method: "PUT", path: fields + "/order", handler: v2.OrderFields, operation: "custom_fields.order"},
		{method: "POST", path: fields + "/order", handler: v2.OrderFields, operation: "custom_fields.order"},
		{method: "PUT", path: fields + "/{name}", handler: v2.ChangeField, operation: "custom_fields.update"},
		{method: "POST", path: fields + "/{name}", handler: v2.ChangeField, operation: "custom_fields.update"},
		{method: "DELETE", path: fields + "/{name}", handler: v2.DeleteField, operation: "custom_fields.delete"},
		{method: "POST", path: groups, handler: v2.AddFieldGroup, operation: "custom_field_groups.create"},
		{method: "PUT", path: groups + "/{id}", handler: v2.ChangeFieldGroup, operation: "custom_field_groups.update"},
		{method: "POST", path: groups + "/{id}", handler: v2.ChangeFieldGroup, operation: "custom_field_groups.update"},
		{method: "DELETE", path: groups + "/{id}", handler: v2.DeleteFieldGroup, operation: "custom_field_groups.delete"},

		{method: "POST", path: options + "/{field}", handler: v2.AddOption, operation: "field_maps.create"},
		{method: "PUT", path: options + "/{field}/order", handler: v2.OrderOptions, operation: "field_maps.order"},
		{method: "POST", path: options + "/{field}/order", handler: v2.OrderOptions, operation: "field_maps.order"},
		{method: "PUT", path: options + "/{field}/{id}", handler: v2.ChangeOption, operation: "field_maps.update"},
		{method: "POST", path: options + "/{field}/{id}", handler: v2.ChangeOption, operation: "field_maps.update"},

		{method: "POST", path: templates, handler: v2.AddTemplate, operation: "custom_field_templates.create"},
		{method: "PUT", path: templates + "/{id}", handler: v2.ChangeTemplate, operation: "custom_field_templates.update"},
		{method: "POST", path: templates + "/{id}", handler: v2.ChangeTemplate, operation: "custom_field_templates.update"},
		{method: "DELETE", path: templates + "/{id}", handler: v2.DeleteTemplate, operation: "custom_field_templates.delete"},
	}
}
