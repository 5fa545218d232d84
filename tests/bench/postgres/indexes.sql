-- Index-only where it helps. A principal has some ten memberships in all of history, so finding
-- them all and looking at their ranges is cheaper than a GiST index on (member_id, valid), with
-- which a check takes four times as long.
CREATE UNIQUE INDEX principal_name ON principal (name) INCLUDE (id, valid);
CREATE INDEX membership_member ON membership (member_id) INCLUDE (group_id, valid);
CREATE UNIQUE INDEX scope_path ON scope (path) INCLUDE (id, parent_id);
CREATE UNIQUE INDEX scope_id ON scope (id) INCLUDE (parent_id);
CREATE INDEX permission_role ON permission (role_id, data);
CREATE INDEX assignment_place ON assignment (principal_id, scope_id) INCLUDE (role_id, valid);
CREATE INDEX deny_place ON deny (principal_id, scope_id) INCLUDE (id, valid);
CREATE INDEX deny_permission_deny ON deny_permission (deny_id, data);
VACUUM (ANALYZE, FREEZE);
