package crm

// Mask hides a phone number: of a mobile number with 11 digits the first 3 and
// the last 4 stay (13812345678 becomes 138****5678); of any other number the
// first 3 and the last 2 stay at most, and never more than half of it. The
// length is not told: there are always four asterisks. An empty number stays
// empty.
//
// The pattern is our choice; the origin's is not known.
func Mask(number string) string {
	if number == "" {
		return ""
	}
	r := []rune(number)
	n := len(r)
	head, tail := 3, 2
	if n == 11 && digits(r) {
		tail = 4
	}
	if n < 11 {
		// At most half of a short number is shown, the front before the end.
		shown := n / 2
		head = min(3, (shown+1)/2)
		tail = min(2, shown-head)
	}
	return string(r[:head]) + "****" + string(r[n-tail:])
}

func digits(r []rune) bool {
	for _, c := range r {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
