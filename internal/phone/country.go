package phone

import "github.com/nyaruka/phonenumbers"

// Country gives the ISO 3166 code of the country that the number belongs to, such as CH; it is empty for a number of no country,
// as those of satellites are, and for one in a range that no country is known to have given out.
func (n Number) Country() string {
	parsed, err := phonenumbers.Parse("+"+string(n), "")
	if err != nil {
		return ""
	}
	country := phonenumbers.GetRegionCodeForNumber(parsed)
	if country == phonenumbers.UNKNOWN_REGION || country == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
		return ""
	}
	return country
}

// IsCountry tells whether numbers can belong to a country with this code.
func IsCountry(code string) bool { return phonenumbers.GetSupportedRegions()[code] }
