-- May $1 do $2 (in lower case; $3: a data action) at $4 (likewise), as of $5?
--
-- With arrays PostgreSQL looks for all pairs of subject and place in one pass of the index. With
-- joins it takes half as long again: it reads all that each subject holds and sorts out the places.
WITH RECURSIVE
subject (id) AS (
    SELECT id FROM principal WHERE name = $1 AND valid @> $5
    UNION
    SELECT m.group_id FROM subject s JOIN membership m ON m.member_id = s.id AND m.valid @> $5),
place (id, parent_id) AS (
    SELECT id, parent_id FROM scope WHERE path = $4
    UNION ALL
    SELECT above.id, above.parent_id FROM place p JOIN scope above ON above.id = p.parent_id)
SELECT EXISTS (
        SELECT FROM assignment a
        JOIN permission given ON given.role_id = a.role_id AND given.data = $3
            AND NOT given.exception AND $2 LIKE given.pattern
        WHERE a.principal_id = ANY (ARRAY (SELECT id FROM subject))
            AND a.scope_id = ANY (ARRAY (SELECT id FROM place)) AND a.valid @> $5
            AND NOT EXISTS (
                SELECT FROM permission but WHERE but.role_id = a.role_id AND but.data = $3
                    AND but.exception AND but.block = given.block AND $2 LIKE but.pattern))
    AND NOT EXISTS (
        SELECT FROM deny d
        JOIN deny_permission given ON given.deny_id = d.id AND given.data = $3
            AND NOT given.exception AND $2 LIKE given.pattern
        WHERE d.principal_id = ANY (ARRAY (SELECT id FROM subject))
            AND d.scope_id = ANY (ARRAY (SELECT id FROM place)) AND d.valid @> $5
            AND NOT EXISTS (
                SELECT FROM deny_permission but WHERE but.deny_id = d.id AND but.data = $3
                    AND but.exception AND but.block = given.block AND $2 LIKE but.pattern))
