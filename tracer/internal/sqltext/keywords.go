package sqltext

import "strings"

// keywords lists words that mean something else in quotes: PostgreSQL's reserved words, also
// those reserved for functions and types, and those that begin a statement or a part of it.
var keywords = wordSet(`
	all analyze and any array as asc asymmetric authorization between bigint binary bit boolean both by case cast
	char character check coalesce collate collation column concurrently constraint create cross current_catalog
	current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
	delete desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest
	group grouping having ilike in initially inner inout insert int integer intersect interval into is isnull join json
	json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table
	json_value lateral leading least left like limit localtime localtimestamp merge merge_action national natural nchar
	none normalize not notnull null nullif numeric offset on only or order out outer over overlaps overlay placing
	position precision primary real references returning right row select session_user set setof similar smallint some
	substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique
	update user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement
	xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)

// spaced lists words with a space before a following parenthesis, because they are not functions.
var spaced = wordSet(`
	all and as by case conflict distinct do else except exists filter from having ilike in intersect into is join key
	lateral like not on or over returning select set then union using values when where with within`)

// beforeSign lists words after which "-" is a sign.
var beforeSign = wordSet(`
	all and any between by case distinct else from having in is like limit not offset on or returning select set some then
	values when where`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
