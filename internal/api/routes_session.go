package api

import v2 "guanxi/internal/api/v2"

// sessionRoutes are the calls about signing in and one's own sessions.
func sessionRoutes() []route {
	return []route{
		{method: "POST", path: "/api/v2/auth/login", handler: v2.SignIn, operation: "session.login", open: true},
		{method: "GET", path: "/api/v2/auth/login", handler: v2.SignIn, operation: "session.login", open: true}, // one public client does
		{method: "POST", path: "/api/v2/auth/logout", handler: v2.SignOut, operation: "session.logout"},
		{method: "DELETE", path: "/api/v2/auth/logout", handler: v2.SignOut, operation: "session.logout"},

		{method: "GET", path: "/api/v2/user/info", handler: v2.UserInfo, operation: "user.info", conditional: true},
		{method: "GET", path: "/api/v2/users/info", handler: v2.UserInfo, operation: "user.info", conditional: true},
		{method: "PUT", path: "/api/v2/user/password", handler: v2.ChangePassword, operation: "user.password"},
		{method: "POST", path: "/api/v2/user/password", handler: v2.ChangePassword, operation: "user.password"},
		{method: "GET", path: "/api/v2/user/sessions", handler: v2.Sessions, operation: "user.sessions"},
		{method: "DELETE", path: "/api/v2/user/sessions/{id}", handler: v2.EndSession, operation: "user.end_session"},
	}
}
