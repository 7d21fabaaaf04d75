// Written by tools/generate-errors.mjs from the errcodes.txt of PostgreSQL: change that tool, not this file.
import {
  ConnectionDoesNotExistError,
  DataError,
  PostgresConnectionError,
  PostgresError,
  PostgresWarning,
} from './base.ts'
import { identify } from './names.ts'

export { ConnectionDoesNotExistError, DataError, PostgresConnectionError, PostgresWarning }

// 01: Warning

/** `0100C` dynamic_result_sets_returned. */
export class DynamicResultSetsReturned extends PostgresWarning {
  declare static readonly sqlstate: string
}

/** `01008` implicit_zero_bit_padding. */
export class ImplicitZeroBitPadding extends PostgresWarning {
  declare static readonly sqlstate: string
}

/** `01003` null_value_eliminated_in_set_function. */
export class NullValueEliminatedInSetFunction extends PostgresWarning {
  declare static readonly sqlstate: string
}

/** `01007` privilege_not_granted. */
export class PrivilegeNotGranted extends PostgresWarning {
  declare static readonly sqlstate: string
}

/** `01006` privilege_not_revoked. */
export class PrivilegeNotRevoked extends PostgresWarning {
  declare static readonly sqlstate: string
}

/** `01004` string_data_right_truncation. */
export class StringDataRightTruncation extends PostgresWarning {
  declare static readonly sqlstate: string
}

/** `01P01` deprecated_feature. */
export class DeprecatedFeature extends PostgresWarning {
  declare static readonly sqlstate: string
}

// 02: No Data (this is also a warning class per the SQL standard)

/** `02000` no_data. */
export class NoData extends PostgresWarning {
  declare static readonly sqlstate: string
}

/** `02001` no_additional_dynamic_result_sets_returned. */
export class NoAdditionalDynamicResultSetsReturned extends NoData {
  declare static readonly sqlstate: string
}

// 03: SQL Statement Not Yet Complete

/** `03000` sql_statement_not_yet_complete. */
export class SQLStatementNotYetCompleteError extends PostgresError {
  declare static readonly sqlstate: string
}

// 08: Connection Exception

/** `08006` connection_failure. */
export class ConnectionFailureError extends PostgresConnectionError {
  declare static readonly sqlstate: string
}

/** `08001` sqlclient_unable_to_establish_sqlconnection. */
export class ClientCannotConnectError extends PostgresConnectionError {
  declare static readonly sqlstate: string
}

/** `08004` sqlserver_rejected_establishment_of_sqlconnection. */
export class ConnectionRejectionError extends PostgresConnectionError {
  declare static readonly sqlstate: string
}

/** `08007` transaction_resolution_unknown. */
export class TransactionResolutionUnknownError extends PostgresConnectionError {
  declare static readonly sqlstate: string
}

/** `08P01` protocol_violation. */
export class ProtocolViolationError extends PostgresConnectionError {
  declare static readonly sqlstate: string
}

// 09: Triggered Action Exception

/** `09000` triggered_action_exception. */
export class TriggeredActionError extends PostgresError {
  declare static readonly sqlstate: string
}

// 0A: Feature Not Supported

/** `0A000` feature_not_supported. */
export class FeatureNotSupportedError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `0A000` from a cached plan whose result type changed; has no code of its own. */
export class InvalidCachedStatementError extends FeatureNotSupportedError {}

// 0B: Invalid Transaction Initiation

/** `0B000` invalid_transaction_initiation. */
export class InvalidTransactionInitiationError extends PostgresError {
  declare static readonly sqlstate: string
}

// 0F: Locator Exception

/** `0F000` locator_exception. */
export class LocatorError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `0F001` invalid_locator_specification. */
export class InvalidLocatorSpecificationError extends LocatorError {
  declare static readonly sqlstate: string
}

// 0L: Invalid Grantor

/** `0L000` invalid_grantor. */
export class InvalidGrantorError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `0LP01` invalid_grant_operation. */
export class InvalidGrantOperationError extends InvalidGrantorError {
  declare static readonly sqlstate: string
}

// 0P: Invalid Role Specification

/** `0P000` invalid_role_specification. */
export class InvalidRoleSpecificationError extends PostgresError {
  declare static readonly sqlstate: string
}

// 0Z: Diagnostics Exception

/** `0Z000` diagnostics_exception. */
export class DiagnosticsError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `0Z002` stacked_diagnostics_accessed_without_active_handler. */
export class StackedDiagnosticsAccessedWithoutActiveHandlerError extends DiagnosticsError {
  declare static readonly sqlstate: string
}

// 10: XQuery Error

/** `10608` invalid_argument_for_xquery. */
export class InvalidArgumentForXqueryError extends PostgresError {
  declare static readonly sqlstate: string
}

// 20: Case Not Found

/** `20000` case_not_found. */
export class CaseNotFoundError extends PostgresError {
  declare static readonly sqlstate: string
}

// 21: Cardinality Violation

/** `21000` cardinality_violation. */
export class CardinalityViolationError extends PostgresError {
  declare static readonly sqlstate: string
}

// 22: Data Exception

/** `2202E` array_subscript_error. */
export class ArraySubscriptError extends DataError {
  declare static readonly sqlstate: string
}

/** `22021` character_not_in_repertoire. */
export class CharacterNotInRepertoireError extends DataError {
  declare static readonly sqlstate: string
}

/** `22008` datetime_field_overflow. */
export class DatetimeFieldOverflowError extends DataError {
  declare static readonly sqlstate: string
}

/** `22012` division_by_zero. */
export class DivisionByZeroError extends DataError {
  declare static readonly sqlstate: string
}

/** `22005` error_in_assignment. */
export class ErrorInAssignmentError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200B` escape_character_conflict. */
export class EscapeCharacterConflictError extends DataError {
  declare static readonly sqlstate: string
}

/** `22022` indicator_overflow. */
export class IndicatorOverflowError extends DataError {
  declare static readonly sqlstate: string
}

/** `22015` interval_field_overflow. */
export class IntervalFieldOverflowError extends DataError {
  declare static readonly sqlstate: string
}

/** `2201E` invalid_argument_for_logarithm. */
export class InvalidArgumentForLogarithmError extends DataError {
  declare static readonly sqlstate: string
}

/** `22014` invalid_argument_for_ntile_function. */
export class InvalidArgumentForNtileFunctionError extends DataError {
  declare static readonly sqlstate: string
}

/** `22016` invalid_argument_for_nth_value_function. */
export class InvalidArgumentForNthValueFunctionError extends DataError {
  declare static readonly sqlstate: string
}

/** `2201F` invalid_argument_for_power_function. */
export class InvalidArgumentForPowerFunctionError extends DataError {
  declare static readonly sqlstate: string
}

/** `2201G` invalid_argument_for_width_bucket_function. */
export class InvalidArgumentForWidthBucketFunctionError extends DataError {
  declare static readonly sqlstate: string
}

/** `22018` invalid_character_value_for_cast. */
export class InvalidCharacterValueForCastError extends DataError {
  declare static readonly sqlstate: string
}

/** `22007` invalid_datetime_format. */
export class InvalidDatetimeFormatError extends DataError {
  declare static readonly sqlstate: string
}

/** `22019` invalid_escape_character. */
export class InvalidEscapeCharacterError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200D` invalid_escape_octet. */
export class InvalidEscapeOctetError extends DataError {
  declare static readonly sqlstate: string
}

/** `22025` invalid_escape_sequence. */
export class InvalidEscapeSequenceError extends DataError {
  declare static readonly sqlstate: string
}

/** `22P06` nonstandard_use_of_escape_character. */
export class NonstandardUseOfEscapeCharacterError extends DataError {
  declare static readonly sqlstate: string
}

/** `22010` invalid_indicator_parameter_value. */
export class InvalidIndicatorParameterValueError extends DataError {
  declare static readonly sqlstate: string
}

/** `22023` invalid_parameter_value. */
export class InvalidParameterValueError extends DataError {
  declare static readonly sqlstate: string
}

/** `22013` invalid_preceding_or_following_size. */
export class InvalidPrecedingOrFollowingSizeError extends DataError {
  declare static readonly sqlstate: string
}

/** `2201B` invalid_regular_expression. */
export class InvalidRegularExpressionError extends DataError {
  declare static readonly sqlstate: string
}

/** `2201W` invalid_row_count_in_limit_clause. */
export class InvalidRowCountInLimitClauseError extends DataError {
  declare static readonly sqlstate: string
}

/** `2201X` invalid_row_count_in_result_offset_clause. */
export class InvalidRowCountInResultOffsetClauseError extends DataError {
  declare static readonly sqlstate: string
}

/** `2202H` invalid_tablesample_argument. */
export class InvalidTablesampleArgumentError extends DataError {
  declare static readonly sqlstate: string
}

/** `2202G` invalid_tablesample_repeat. */
export class InvalidTablesampleRepeatError extends DataError {
  declare static readonly sqlstate: string
}

/** `22009` invalid_time_zone_displacement_value. */
export class InvalidTimeZoneDisplacementValueError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200C` invalid_use_of_escape_character. */
export class InvalidUseOfEscapeCharacterError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200G` most_specific_type_mismatch. */
export class MostSpecificTypeMismatchError extends DataError {
  declare static readonly sqlstate: string
}

/** `22004` null_value_not_allowed. */
export class NullValueNotAllowedError extends DataError {
  declare static readonly sqlstate: string
}

/** `22002` null_value_no_indicator_parameter. */
export class NullValueNoIndicatorParameterError extends DataError {
  declare static readonly sqlstate: string
}

/** `22003` numeric_value_out_of_range. */
export class NumericValueOutOfRangeError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200H` sequence_generator_limit_exceeded. */
export class SequenceGeneratorLimitExceededError extends DataError {
  declare static readonly sqlstate: string
}

/** `22026` string_data_length_mismatch. */
export class StringDataLengthMismatchError extends DataError {
  declare static readonly sqlstate: string
}

/** `22001` string_data_right_truncation. */
export class StringDataRightTruncationError extends DataError {
  declare static readonly sqlstate: string
}

/** `22011` substring_error. */
export class SubstringError extends DataError {
  declare static readonly sqlstate: string
}

/** `22027` trim_error. */
export class TrimError extends DataError {
  declare static readonly sqlstate: string
}

/** `22024` unterminated_c_string. */
export class UnterminatedCStringError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200F` zero_length_character_string. */
export class ZeroLengthCharacterStringError extends DataError {
  declare static readonly sqlstate: string
}

/** `22P01` floating_point_exception. */
export class PostgresFloatingPointError extends DataError {
  declare static readonly sqlstate: string
}

/** `22P02` invalid_text_representation. */
export class InvalidTextRepresentationError extends DataError {
  declare static readonly sqlstate: string
}

/** `22P03` invalid_binary_representation. */
export class InvalidBinaryRepresentationError extends DataError {
  declare static readonly sqlstate: string
}

/** `22P04` bad_copy_file_format. */
export class BadCopyFileFormatError extends DataError {
  declare static readonly sqlstate: string
}

/** `22P05` untranslatable_character. */
export class UntranslatableCharacterError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200L` not_an_xml_document. */
export class NotAnXmlDocumentError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200M` invalid_xml_document. */
export class InvalidXmlDocumentError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200N` invalid_xml_content. */
export class InvalidXmlContentError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200S` invalid_xml_comment. */
export class InvalidXmlCommentError extends DataError {
  declare static readonly sqlstate: string
}

/** `2200T` invalid_xml_processing_instruction. */
export class InvalidXmlProcessingInstructionError extends DataError {
  declare static readonly sqlstate: string
}

/** `22030` duplicate_json_object_key_value. */
export class DuplicateJsonObjectKeyValueError extends DataError {
  declare static readonly sqlstate: string
}

/** `22031` invalid_argument_for_sql_json_datetime_function. */
export class InvalidArgumentForSQLJsonDatetimeFunctionError extends DataError {
  declare static readonly sqlstate: string
}

/** `22032` invalid_json_text. */
export class InvalidJsonTextError extends DataError {
  declare static readonly sqlstate: string
}

/** `22033` invalid_sql_json_subscript. */
export class InvalidSQLJsonSubscriptError extends DataError {
  declare static readonly sqlstate: string
}

/** `22034` more_than_one_sql_json_item. */
export class MoreThanOneSQLJsonItemError extends DataError {
  declare static readonly sqlstate: string
}

/** `22035` no_sql_json_item. */
export class NoSQLJsonItemError extends DataError {
  declare static readonly sqlstate: string
}

/** `22036` non_numeric_sql_json_item. */
export class NonNumericSQLJsonItemError extends DataError {
  declare static readonly sqlstate: string
}

/** `22037` non_unique_keys_in_a_json_object. */
export class NonUniqueKeysInAJsonObjectError extends DataError {
  declare static readonly sqlstate: string
}

/** `22038` singleton_sql_json_item_required. */
export class SingletonSQLJsonItemRequiredError extends DataError {
  declare static readonly sqlstate: string
}

/** `22039` sql_json_array_not_found. */
export class SQLJsonArrayNotFoundError extends DataError {
  declare static readonly sqlstate: string
}

/** `2203A` sql_json_member_not_found. */
export class SQLJsonMemberNotFoundError extends DataError {
  declare static readonly sqlstate: string
}

/** `2203B` sql_json_number_not_found. */
export class SQLJsonNumberNotFoundError extends DataError {
  declare static readonly sqlstate: string
}

/** `2203C` sql_json_object_not_found. */
export class SQLJsonObjectNotFoundError extends DataError {
  declare static readonly sqlstate: string
}

/** `2203D` too_many_json_array_elements. */
export class TooManyJsonArrayElementsError extends DataError {
  declare static readonly sqlstate: string
}

/** `2203E` too_many_json_object_members. */
export class TooManyJsonObjectMembersError extends DataError {
  declare static readonly sqlstate: string
}

/** `2203F` sql_json_scalar_required. */
export class SQLJsonScalarRequiredError extends DataError {
  declare static readonly sqlstate: string
}

/** `2203G` sql_json_item_cannot_be_cast_to_target_type. */
export class SQLJsonItemCannotBeCastToTargetTypeError extends DataError {
  declare static readonly sqlstate: string
}

// 23: Integrity Constraint Violation

/** `23000` integrity_constraint_violation. */
export class IntegrityConstraintViolationError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `23001` restrict_violation. */
export class RestrictViolationError extends IntegrityConstraintViolationError {
  declare static readonly sqlstate: string
}

/** `23502` not_null_violation. */
export class NotNullViolationError extends IntegrityConstraintViolationError {
  declare static readonly sqlstate: string
}

/** `23503` foreign_key_violation. */
export class ForeignKeyViolationError extends IntegrityConstraintViolationError {
  declare static readonly sqlstate: string
}

/** `23505` unique_violation. */
export class UniqueViolationError extends IntegrityConstraintViolationError {
  declare static readonly sqlstate: string
}

/** `23514` check_violation. */
export class CheckViolationError extends IntegrityConstraintViolationError {
  declare static readonly sqlstate: string
}

/** `23P01` exclusion_violation. */
export class ExclusionViolationError extends IntegrityConstraintViolationError {
  declare static readonly sqlstate: string
}

// 24: Invalid Cursor State

/** `24000` invalid_cursor_state. */
export class InvalidCursorStateError extends PostgresError {
  declare static readonly sqlstate: string
}

// 25: Invalid Transaction State

/** `25000` invalid_transaction_state. */
export class InvalidTransactionStateError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `25001` active_sql_transaction. */
export class ActiveSQLTransactionError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25002` branch_transaction_already_active. */
export class BranchTransactionAlreadyActiveError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25008` held_cursor_requires_same_isolation_level. */
export class HeldCursorRequiresSameIsolationLevelError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25003` inappropriate_access_mode_for_branch_transaction. */
export class InappropriateAccessModeForBranchTransactionError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25004` inappropriate_isolation_level_for_branch_transaction. */
export class InappropriateIsolationLevelForBranchTransactionError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25005` no_active_sql_transaction_for_branch_transaction. */
export class NoActiveSQLTransactionForBranchTransactionError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25006` read_only_sql_transaction. */
export class ReadOnlySQLTransactionError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25007` schema_and_data_statement_mixing_not_supported. */
export class SchemaAndDataStatementMixingNotSupportedError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25P01` no_active_sql_transaction. */
export class NoActiveSQLTransactionError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25P02` in_failed_sql_transaction. */
export class InFailedSQLTransactionError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25P03` idle_in_transaction_session_timeout. */
export class IdleInTransactionSessionTimeoutError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

/** `25P04` transaction_timeout. */
export class TransactionTimeoutError extends InvalidTransactionStateError {
  declare static readonly sqlstate: string
}

// 26: Invalid SQL Statement Name

/** `26000` invalid_sql_statement_name. */
export class InvalidSQLStatementNameError extends PostgresError {
  declare static readonly sqlstate: string
}

// 27: Triggered Data Change Violation

/** `27000` triggered_data_change_violation. */
export class TriggeredDataChangeViolationError extends PostgresError {
  declare static readonly sqlstate: string
}

// 28: Invalid Authorization Specification

/** `28000` invalid_authorization_specification. */
export class InvalidAuthorizationSpecificationError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `28P01` invalid_password. */
export class InvalidPasswordError extends InvalidAuthorizationSpecificationError {
  declare static readonly sqlstate: string
}

// 2B: Dependent Privilege Descriptors Still Exist

/** `2B000` dependent_privilege_descriptors_still_exist. */
export class DependentPrivilegeDescriptorsStillExistError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `2BP01` dependent_objects_still_exist. */
export class DependentObjectsStillExistError extends DependentPrivilegeDescriptorsStillExistError {
  declare static readonly sqlstate: string
}

// 2D: Invalid Transaction Termination

/** `2D000` invalid_transaction_termination. */
export class InvalidTransactionTerminationError extends PostgresError {
  declare static readonly sqlstate: string
}

// 2F: SQL Routine Exception

/** `2F000` sql_routine_exception. */
export class SQLRoutineError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `2F005` function_executed_no_return_statement. */
export class FunctionExecutedNoReturnStatementError extends SQLRoutineError {
  declare static readonly sqlstate: string
}

/** `2F002` modifying_sql_data_not_permitted. */
export class ModifyingSQLDataNotPermittedError extends SQLRoutineError {
  declare static readonly sqlstate: string
}

/** `2F003` prohibited_sql_statement_attempted. */
export class ProhibitedSQLStatementAttemptedError extends SQLRoutineError {
  declare static readonly sqlstate: string
}

/** `2F004` reading_sql_data_not_permitted. */
export class ReadingSQLDataNotPermittedError extends SQLRoutineError {
  declare static readonly sqlstate: string
}

// 34: Invalid Cursor Name

/** `34000` invalid_cursor_name. */
export class InvalidCursorNameError extends PostgresError {
  declare static readonly sqlstate: string
}

// 38: External Routine Exception

/** `38000` external_routine_exception. */
export class ExternalRoutineError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `38001` containing_sql_not_permitted. */
export class ContainingSQLNotPermittedError extends ExternalRoutineError {
  declare static readonly sqlstate: string
}

/** `38002` modifying_sql_data_not_permitted. */
export class ModifyingExternalRoutineSQLDataNotPermittedError extends ExternalRoutineError {
  declare static readonly sqlstate: string
}

/** `38003` prohibited_sql_statement_attempted. */
export class ProhibitedExternalRoutineSQLStatementAttemptedError extends ExternalRoutineError {
  declare static readonly sqlstate: string
}

/** `38004` reading_sql_data_not_permitted. */
export class ReadingExternalRoutineSQLDataNotPermittedError extends ExternalRoutineError {
  declare static readonly sqlstate: string
}

// 39: External Routine Invocation Exception

/** `39000` external_routine_invocation_exception. */
export class ExternalRoutineInvocationError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `39001` invalid_sqlstate_returned. */
export class InvalidSqlstateReturnedError extends ExternalRoutineInvocationError {
  declare static readonly sqlstate: string
}

/** `39004` null_value_not_allowed. */
export class NullValueInExternalRoutineNotAllowedError extends ExternalRoutineInvocationError {
  declare static readonly sqlstate: string
}

/** `39P01` trigger_protocol_violated. */
export class TriggerProtocolViolatedError extends ExternalRoutineInvocationError {
  declare static readonly sqlstate: string
}

/** `39P02` srf_protocol_violated. */
export class SrfProtocolViolatedError extends ExternalRoutineInvocationError {
  declare static readonly sqlstate: string
}

/** `39P03` event_trigger_protocol_violated. */
export class EventTriggerProtocolViolatedError extends ExternalRoutineInvocationError {
  declare static readonly sqlstate: string
}

// 3B: Savepoint Exception

/** `3B000` savepoint_exception. */
export class SavepointError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `3B001` invalid_savepoint_specification. */
export class InvalidSavepointSpecificationError extends SavepointError {
  declare static readonly sqlstate: string
}

// 3D: Invalid Catalog Name

/** `3D000` invalid_catalog_name. */
export class InvalidCatalogNameError extends PostgresError {
  declare static readonly sqlstate: string
}

// 3F: Invalid Schema Name

/** `3F000` invalid_schema_name. */
export class InvalidSchemaNameError extends PostgresError {
  declare static readonly sqlstate: string
}

// 40: Transaction Rollback

/** `40000` transaction_rollback. */
export class TransactionRollbackError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `40002` transaction_integrity_constraint_violation. */
export class TransactionIntegrityConstraintViolationError extends TransactionRollbackError {
  declare static readonly sqlstate: string
}

/** `40001` serialization_failure. */
export class SerializationError extends TransactionRollbackError {
  declare static readonly sqlstate: string
}

/** `40003` statement_completion_unknown. */
export class StatementCompletionUnknownError extends TransactionRollbackError {
  declare static readonly sqlstate: string
}

/** `40P01` deadlock_detected. */
export class DeadlockDetectedError extends TransactionRollbackError {
  declare static readonly sqlstate: string
}

// 42: Syntax Error or Access Rule Violation

/** `42000` syntax_error_or_access_rule_violation. */
export class SyntaxOrAccessError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `42601` syntax_error. */
export class PostgresSyntaxError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42501` insufficient_privilege. */
export class InsufficientPrivilegeError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42846` cannot_coerce. */
export class CannotCoerceError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42803` grouping_error. */
export class GroupingError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P20` windowing_error. */
export class WindowingError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P19` invalid_recursion. */
export class InvalidRecursionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42830` invalid_foreign_key. */
export class InvalidForeignKeyError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42602` invalid_name. */
export class InvalidNameError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42622` name_too_long. */
export class NameTooLongError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42939` reserved_name. */
export class ReservedNameError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42804` datatype_mismatch. */
export class DatatypeMismatchError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P18` indeterminate_datatype. */
export class IndeterminateDatatypeError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P21` collation_mismatch. */
export class CollationMismatchError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P22` indeterminate_collation. */
export class IndeterminateCollationError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42809` wrong_object_type. */
export class WrongObjectTypeError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `428C9` generated_always. */
export class GeneratedAlwaysError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42703` undefined_column. */
export class UndefinedColumnError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42883` undefined_function. */
export class UndefinedFunctionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P01` undefined_table. */
export class UndefinedTableError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P02` undefined_parameter. */
export class UndefinedParameterError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42704` undefined_object. */
export class UndefinedObjectError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42701` duplicate_column. */
export class DuplicateColumnError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P03` duplicate_cursor. */
export class DuplicateCursorError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P04` duplicate_database. */
export class DuplicateDatabaseError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42723` duplicate_function. */
export class DuplicateFunctionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P05` duplicate_prepared_statement. */
export class DuplicatePreparedStatementError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P06` duplicate_schema. */
export class DuplicateSchemaError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P07` duplicate_table. */
export class DuplicateTableError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42712` duplicate_alias. */
export class DuplicateAliasError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42710` duplicate_object. */
export class DuplicateObjectError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42702` ambiguous_column. */
export class AmbiguousColumnError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42725` ambiguous_function. */
export class AmbiguousFunctionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P08` ambiguous_parameter. */
export class AmbiguousParameterError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P09` ambiguous_alias. */
export class AmbiguousAliasError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P10` invalid_column_reference. */
export class InvalidColumnReferenceError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42611` invalid_column_definition. */
export class InvalidColumnDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P11` invalid_cursor_definition. */
export class InvalidCursorDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P12` invalid_database_definition. */
export class InvalidDatabaseDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P13` invalid_function_definition. */
export class InvalidFunctionDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P14` invalid_prepared_statement_definition. */
export class InvalidPreparedStatementDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P15` invalid_schema_definition. */
export class InvalidSchemaDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P16` invalid_table_definition. */
export class InvalidTableDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

/** `42P17` invalid_object_definition. */
export class InvalidObjectDefinitionError extends SyntaxOrAccessError {
  declare static readonly sqlstate: string
}

// 44: WITH CHECK OPTION Violation

/** `44000` with_check_option_violation. */
export class WithCheckOptionViolationError extends PostgresError {
  declare static readonly sqlstate: string
}

// 53: Insufficient Resources

/** `53000` insufficient_resources. */
export class InsufficientResourcesError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `53100` disk_full. */
export class DiskFullError extends InsufficientResourcesError {
  declare static readonly sqlstate: string
}

/** `53200` out_of_memory. */
export class OutOfMemoryError extends InsufficientResourcesError {
  declare static readonly sqlstate: string
}

/** `53300` too_many_connections. */
export class TooManyConnectionsError extends InsufficientResourcesError {
  declare static readonly sqlstate: string
}

/** `53400` configuration_limit_exceeded. */
export class ConfigurationLimitExceededError extends InsufficientResourcesError {
  declare static readonly sqlstate: string
}

// 54: Program Limit Exceeded

/** `54000` program_limit_exceeded. */
export class ProgramLimitExceededError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `54001` statement_too_complex. */
export class StatementTooComplexError extends ProgramLimitExceededError {
  declare static readonly sqlstate: string
}

/** `54011` too_many_columns. */
export class TooManyColumnsError extends ProgramLimitExceededError {
  declare static readonly sqlstate: string
}

/** `54023` too_many_arguments. */
export class TooManyArgumentsError extends ProgramLimitExceededError {
  declare static readonly sqlstate: string
}

// 55: Object Not In Prerequisite State

/** `55000` object_not_in_prerequisite_state. */
export class ObjectNotInPrerequisiteStateError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `55006` object_in_use. */
export class ObjectInUseError extends ObjectNotInPrerequisiteStateError {
  declare static readonly sqlstate: string
}

/** `55P02` cant_change_runtime_param. */
export class CantChangeRuntimeParamError extends ObjectNotInPrerequisiteStateError {
  declare static readonly sqlstate: string
}

/** `55P03` lock_not_available. */
export class LockNotAvailableError extends ObjectNotInPrerequisiteStateError {
  declare static readonly sqlstate: string
}

/** `55P04` unsafe_new_enum_value_usage. */
export class UnsafeNewEnumValueUsageError extends ObjectNotInPrerequisiteStateError {
  declare static readonly sqlstate: string
}

// 57: Operator Intervention

/** `57000` operator_intervention. */
export class OperatorInterventionError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `57014` query_canceled. */
export class QueryCanceledError extends OperatorInterventionError {
  declare static readonly sqlstate: string
}

/** `57P01` admin_shutdown. */
export class AdminShutdownError extends OperatorInterventionError {
  declare static readonly sqlstate: string
}

/** `57P02` crash_shutdown. */
export class CrashShutdownError extends OperatorInterventionError {
  declare static readonly sqlstate: string
}

/** `57P03` cannot_connect_now. */
export class CannotConnectNowError extends OperatorInterventionError {
  declare static readonly sqlstate: string
}

/** `57P04` database_dropped. */
export class DatabaseDroppedError extends OperatorInterventionError {
  declare static readonly sqlstate: string
}

/** `57P05` idle_session_timeout. */
export class IdleSessionTimeoutError extends OperatorInterventionError {
  declare static readonly sqlstate: string
}

// 58: System Error (errors external to PostgreSQL itself)

/** `58000` system_error. */
export class PostgresSystemError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `58030` io_error. */
export class PostgresIOError extends PostgresSystemError {
  declare static readonly sqlstate: string
}

/** `58P01` undefined_file. */
export class UndefinedFileError extends PostgresSystemError {
  declare static readonly sqlstate: string
}

/** `58P02` duplicate_file. */
export class DuplicateFileError extends PostgresSystemError {
  declare static readonly sqlstate: string
}

/** `58P03` file_name_too_long. */
export class FileNameTooLongError extends PostgresSystemError {
  declare static readonly sqlstate: string
}

// 72: Snapshot Failure

/** `72000` snapshot_too_old. */
export class SnapshotTooOldError extends PostgresError {
  declare static readonly sqlstate: string
}

// F0: Configuration File Error

/** `F0000` config_file_error. */
export class ConfigFileError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `F0001` lock_file_exists. */
export class LockFileExistsError extends ConfigFileError {
  declare static readonly sqlstate: string
}

// HV: Foreign Data Wrapper Error (SQL/MED)

/** `HV000` fdw_error. */
export class FDWError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `HV005` fdw_column_name_not_found. */
export class FDWColumnNameNotFoundError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV002` fdw_dynamic_parameter_value_needed. */
export class FDWDynamicParameterValueNeededError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV010` fdw_function_sequence_error. */
export class FDWFunctionSequenceError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV021` fdw_inconsistent_descriptor_information. */
export class FDWInconsistentDescriptorInformationError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV024` fdw_invalid_attribute_value. */
export class FDWInvalidAttributeValueError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV007` fdw_invalid_column_name. */
export class FDWInvalidColumnNameError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV008` fdw_invalid_column_number. */
export class FDWInvalidColumnNumberError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV004` fdw_invalid_data_type. */
export class FDWInvalidDataTypeError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV006` fdw_invalid_data_type_descriptors. */
export class FDWInvalidDataTypeDescriptorsError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV091` fdw_invalid_descriptor_field_identifier. */
export class FDWInvalidDescriptorFieldIdentifierError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00B` fdw_invalid_handle. */
export class FDWInvalidHandleError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00C` fdw_invalid_option_index. */
export class FDWInvalidOptionIndexError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00D` fdw_invalid_option_name. */
export class FDWInvalidOptionNameError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV090` fdw_invalid_string_length_or_buffer_length. */
export class FDWInvalidStringLengthOrBufferLengthError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00A` fdw_invalid_string_format. */
export class FDWInvalidStringFormatError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV009` fdw_invalid_use_of_null_pointer. */
export class FDWInvalidUseOfNullPointerError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV014` fdw_too_many_handles. */
export class FDWTooManyHandlesError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV001` fdw_out_of_memory. */
export class FDWOutOfMemoryError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00P` fdw_no_schemas. */
export class FDWNoSchemasError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00J` fdw_option_name_not_found. */
export class FDWOptionNameNotFoundError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00K` fdw_reply_handle. */
export class FDWReplyHandleError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00Q` fdw_schema_not_found. */
export class FDWSchemaNotFoundError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00R` fdw_table_not_found. */
export class FDWTableNotFoundError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00L` fdw_unable_to_create_execution. */
export class FDWUnableToCreateExecutionError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00M` fdw_unable_to_create_reply. */
export class FDWUnableToCreateReplyError extends FDWError {
  declare static readonly sqlstate: string
}

/** `HV00N` fdw_unable_to_establish_connection. */
export class FDWUnableToEstablishConnectionError extends FDWError {
  declare static readonly sqlstate: string
}

// P0: PL/pgSQL Error

/** `P0000` plpgsql_error. */
export class PLPGSQLError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `P0001` raise_exception. */
export class RaiseError extends PLPGSQLError {
  declare static readonly sqlstate: string
}

/** `P0002` no_data_found. */
export class NoDataFoundError extends PLPGSQLError {
  declare static readonly sqlstate: string
}

/** `P0003` too_many_rows. */
export class TooManyRowsError extends PLPGSQLError {
  declare static readonly sqlstate: string
}

/** `P0004` assert_failure. */
export class AssertError extends PLPGSQLError {
  declare static readonly sqlstate: string
}

// XX: Internal Error

/** `XX000` internal_error. */
export class InternalServerError extends PostgresError {
  declare static readonly sqlstate: string
}

/** `XX001` data_corrupted. */
export class DataCorruptedError extends InternalServerError {
  declare static readonly sqlstate: string
}

/** `XX002` index_corrupted. */
export class IndexCorruptedError extends InternalServerError {
  declare static readonly sqlstate: string
}

identify([
  [DynamicResultSetsReturned, 'DynamicResultSetsReturned', '0100C'],
  [ImplicitZeroBitPadding, 'ImplicitZeroBitPadding', '01008'],
  [NullValueEliminatedInSetFunction, 'NullValueEliminatedInSetFunction', '01003'],
  [PrivilegeNotGranted, 'PrivilegeNotGranted', '01007'],
  [PrivilegeNotRevoked, 'PrivilegeNotRevoked', '01006'],
  [StringDataRightTruncation, 'StringDataRightTruncation', '01004'],
  [DeprecatedFeature, 'DeprecatedFeature', '01P01'],
  [NoData, 'NoData', '02000'],
  [NoAdditionalDynamicResultSetsReturned, 'NoAdditionalDynamicResultSetsReturned', '02001'],
  [SQLStatementNotYetCompleteError, 'SQLStatementNotYetCompleteError', '03000'],
  [ConnectionFailureError, 'ConnectionFailureError', '08006'],
  [ClientCannotConnectError, 'ClientCannotConnectError', '08001'],
  [ConnectionRejectionError, 'ConnectionRejectionError', '08004'],
  [TransactionResolutionUnknownError, 'TransactionResolutionUnknownError', '08007'],
  [ProtocolViolationError, 'ProtocolViolationError', '08P01'],
  [TriggeredActionError, 'TriggeredActionError', '09000'],
  [FeatureNotSupportedError, 'FeatureNotSupportedError', '0A000'],
  [InvalidCachedStatementError, 'InvalidCachedStatementError'],
  [InvalidTransactionInitiationError, 'InvalidTransactionInitiationError', '0B000'],
  [LocatorError, 'LocatorError', '0F000'],
  [InvalidLocatorSpecificationError, 'InvalidLocatorSpecificationError', '0F001'],
  [InvalidGrantorError, 'InvalidGrantorError', '0L000'],
  [InvalidGrantOperationError, 'InvalidGrantOperationError', '0LP01'],
  [InvalidRoleSpecificationError, 'InvalidRoleSpecificationError', '0P000'],
  [DiagnosticsError, 'DiagnosticsError', '0Z000'],
  [
    StackedDiagnosticsAccessedWithoutActiveHandlerError,
    'StackedDiagnosticsAccessedWithoutActiveHandlerError',
    '0Z002',
  ],
  [InvalidArgumentForXqueryError, 'InvalidArgumentForXqueryError', '10608'],
  [CaseNotFoundError, 'CaseNotFoundError', '20000'],
  [CardinalityViolationError, 'CardinalityViolationError', '21000'],
  [ArraySubscriptError, 'ArraySubscriptError', '2202E'],
  [CharacterNotInRepertoireError, 'CharacterNotInRepertoireError', '22021'],
  [DatetimeFieldOverflowError, 'DatetimeFieldOverflowError', '22008'],
  [DivisionByZeroError, 'DivisionByZeroError', '22012'],
  [ErrorInAssignmentError, 'ErrorInAssignmentError', '22005'],
  [EscapeCharacterConflictError, 'EscapeCharacterConflictError', '2200B'],
  [IndicatorOverflowError, 'IndicatorOverflowError', '22022'],
  [IntervalFieldOverflowError, 'IntervalFieldOverflowError', '22015'],
  [InvalidArgumentForLogarithmError, 'InvalidArgumentForLogarithmError', '2201E'],
  [InvalidArgumentForNtileFunctionError, 'InvalidArgumentForNtileFunctionError', '22014'],
  [InvalidArgumentForNthValueFunctionError, 'InvalidArgumentForNthValueFunctionError', '22016'],
  [InvalidArgumentForPowerFunctionError, 'InvalidArgumentForPowerFunctionError', '2201F'],
  [InvalidArgumentForWidthBucketFunctionError, 'InvalidArgumentForWidthBucketFunctionError', '2201G'],
  [InvalidCharacterValueForCastError, 'InvalidCharacterValueForCastError', '22018'],
  [InvalidDatetimeFormatError, 'InvalidDatetimeFormatError', '22007'],
  [InvalidEscapeCharacterError, 'InvalidEscapeCharacterError', '22019'],
  [InvalidEscapeOctetError, 'InvalidEscapeOctetError', '2200D'],
  [InvalidEscapeSequenceError, 'InvalidEscapeSequenceError', '22025'],
  [NonstandardUseOfEscapeCharacterError, 'NonstandardUseOfEscapeCharacterError', '22P06'],
  [InvalidIndicatorParameterValueError, 'InvalidIndicatorParameterValueError', '22010'],
  [InvalidParameterValueError, 'InvalidParameterValueError', '22023'],
  [InvalidPrecedingOrFollowingSizeError, 'InvalidPrecedingOrFollowingSizeError', '22013'],
  [InvalidRegularExpressionError, 'InvalidRegularExpressionError', '2201B'],
  [InvalidRowCountInLimitClauseError, 'InvalidRowCountInLimitClauseError', '2201W'],
  [InvalidRowCountInResultOffsetClauseError, 'InvalidRowCountInResultOffsetClauseError', '2201X'],
  [InvalidTablesampleArgumentError, 'InvalidTablesampleArgumentError', '2202H'],
  [InvalidTablesampleRepeatError, 'InvalidTablesampleRepeatError', '2202G'],
  [InvalidTimeZoneDisplacementValueError, 'InvalidTimeZoneDisplacementValueError', '22009'],
  [InvalidUseOfEscapeCharacterError, 'InvalidUseOfEscapeCharacterError', '2200C'],
  [MostSpecificTypeMismatchError, 'MostSpecificTypeMismatchError', '2200G'],
  [NullValueNotAllowedError, 'NullValueNotAllowedError', '22004'],
  [NullValueNoIndicatorParameterError, 'NullValueNoIndicatorParameterError', '22002'],
  [NumericValueOutOfRangeError, 'NumericValueOutOfRangeError', '22003'],
  [SequenceGeneratorLimitExceededError, 'SequenceGeneratorLimitExceededError', '2200H'],
  [StringDataLengthMismatchError, 'StringDataLengthMismatchError', '22026'],
  [StringDataRightTruncationError, 'StringDataRightTruncationError', '22001'],
  [SubstringError, 'SubstringError', '22011'],
  [TrimError, 'TrimError', '22027'],
  [UnterminatedCStringError, 'UnterminatedCStringError', '22024'],
  [ZeroLengthCharacterStringError, 'ZeroLengthCharacterStringError', '2200F'],
  [PostgresFloatingPointError, 'PostgresFloatingPointError', '22P01'],
  [InvalidTextRepresentationError, 'InvalidTextRepresentationError', '22P02'],
  [InvalidBinaryRepresentationError, 'InvalidBinaryRepresentationError', '22P03'],
  [BadCopyFileFormatError, 'BadCopyFileFormatError', '22P04'],
  [UntranslatableCharacterError, 'UntranslatableCharacterError', '22P05'],
  [NotAnXmlDocumentError, 'NotAnXmlDocumentError', '2200L'],
  [InvalidXmlDocumentError, 'InvalidXmlDocumentError', '2200M'],
  [InvalidXmlContentError, 'InvalidXmlContentError', '2200N'],
  [InvalidXmlCommentError, 'InvalidXmlCommentError', '2200S'],
  [InvalidXmlProcessingInstructionError, 'InvalidXmlProcessingInstructionError', '2200T'],
  [DuplicateJsonObjectKeyValueError, 'DuplicateJsonObjectKeyValueError', '22030'],
  [InvalidArgumentForSQLJsonDatetimeFunctionError, 'InvalidArgumentForSQLJsonDatetimeFunctionError', '22031'],
  [InvalidJsonTextError, 'InvalidJsonTextError', '22032'],
  [InvalidSQLJsonSubscriptError, 'InvalidSQLJsonSubscriptError', '22033'],
  [MoreThanOneSQLJsonItemError, 'MoreThanOneSQLJsonItemError', '22034'],
  [NoSQLJsonItemError, 'NoSQLJsonItemError', '22035'],
  [NonNumericSQLJsonItemError, 'NonNumericSQLJsonItemError', '22036'],
  [NonUniqueKeysInAJsonObjectError, 'NonUniqueKeysInAJsonObjectError', '22037'],
  [SingletonSQLJsonItemRequiredError, 'SingletonSQLJsonItemRequiredError', '22038'],
  [SQLJsonArrayNotFoundError, 'SQLJsonArrayNotFoundError', '22039'],
  [SQLJsonMemberNotFoundError, 'SQLJsonMemberNotFoundError', '2203A'],
  [SQLJsonNumberNotFoundError, 'SQLJsonNumberNotFoundError', '2203B'],
  [SQLJsonObjectNotFoundError, 'SQLJsonObjectNotFoundError', '2203C'],
  [TooManyJsonArrayElementsError, 'TooManyJsonArrayElementsError', '2203D'],
  [TooManyJsonObjectMembersError, 'TooManyJsonObjectMembersError', '2203E'],
  [SQLJsonScalarRequiredError, 'SQLJsonScalarRequiredError', '2203F'],
  [SQLJsonItemCannotBeCastToTargetTypeError, 'SQLJsonItemCannotBeCastToTargetTypeError', '2203G'],
  [IntegrityConstraintViolationError, 'IntegrityConstraintViolationError', '23000'],
  [RestrictViolationError, 'RestrictViolationError', '23001'],
  [NotNullViolationError, 'NotNullViolationError', '23502'],
  [ForeignKeyViolationError, 'ForeignKeyViolationError', '23503'],
  [UniqueViolationError, 'UniqueViolationError', '23505'],
  [CheckViolationError, 'CheckViolationError', '23514'],
  [ExclusionViolationError, 'ExclusionViolationError', '23P01'],
  [InvalidCursorStateError, 'InvalidCursorStateError', '24000'],
  [InvalidTransactionStateError, 'InvalidTransactionStateError', '25000'],
  [ActiveSQLTransactionError, 'ActiveSQLTransactionError', '25001'],
  [BranchTransactionAlreadyActiveError, 'BranchTransactionAlreadyActiveError', '25002'],
  [HeldCursorRequiresSameIsolationLevelError, 'HeldCursorRequiresSameIsolationLevelError', '25008'],
  [
    InappropriateAccessModeForBranchTransactionError,
    'InappropriateAccessModeForBranchTransactionError',
    '25003',
  ],
  [
    InappropriateIsolationLevelForBranchTransactionError,
    'InappropriateIsolationLevelForBranchTransactionError',
    '25004',
  ],
  [
    NoActiveSQLTransactionForBranchTransactionError,
    'NoActiveSQLTransactionForBranchTransactionError',
    '25005',
  ],
  [ReadOnlySQLTransactionError, 'ReadOnlySQLTransactionError', '25006'],
  [SchemaAndDataStatementMixingNotSupportedError, 'SchemaAndDataStatementMixingNotSupportedError', '25007'],
  [NoActiveSQLTransactionError, 'NoActiveSQLTransactionError', '25P01'],
  [InFailedSQLTransactionError, 'InFailedSQLTransactionError', '25P02'],
  [IdleInTransactionSessionTimeoutError, 'IdleInTransactionSessionTimeoutError', '25P03'],
  [TransactionTimeoutError, 'TransactionTimeoutError', '25P04'],
  [InvalidSQLStatementNameError, 'InvalidSQLStatementNameError', '26000'],
  [TriggeredDataChangeViolationError, 'TriggeredDataChangeViolationError', '27000'],
  [InvalidAuthorizationSpecificationError, 'InvalidAuthorizationSpecificationError', '28000'],
  [InvalidPasswordError, 'InvalidPasswordError', '28P01'],
  [DependentPrivilegeDescriptorsStillExistError, 'DependentPrivilegeDescriptorsStillExistError', '2B000'],
  [DependentObjectsStillExistError, 'DependentObjectsStillExistError', '2BP01'],
  [InvalidTransactionTerminationError, 'InvalidTransactionTerminationError', '2D000'],
  [SQLRoutineError, 'SQLRoutineError', '2F000'],
  [FunctionExecutedNoReturnStatementError, 'FunctionExecutedNoReturnStatementError', '2F005'],
  [ModifyingSQLDataNotPermittedError, 'ModifyingSQLDataNotPermittedError', '2F002'],
  [ProhibitedSQLStatementAttemptedError, 'ProhibitedSQLStatementAttemptedError', '2F003'],
  [ReadingSQLDataNotPermittedError, 'ReadingSQLDataNotPermittedError', '2F004'],
  [InvalidCursorNameError, 'InvalidCursorNameError', '34000'],
  [ExternalRoutineError, 'ExternalRoutineError', '38000'],
  [ContainingSQLNotPermittedError, 'ContainingSQLNotPermittedError', '38001'],
  [
    ModifyingExternalRoutineSQLDataNotPermittedError,
    'ModifyingExternalRoutineSQLDataNotPermittedError',
    '38002',
  ],
  [
    ProhibitedExternalRoutineSQLStatementAttemptedError,
    'ProhibitedExternalRoutineSQLStatementAttemptedError',
    '38003',
  ],
  [ReadingExternalRoutineSQLDataNotPermittedError, 'ReadingExternalRoutineSQLDataNotPermittedError', '38004'],
  [ExternalRoutineInvocationError, 'ExternalRoutineInvocationError', '39000'],
  [InvalidSqlstateReturnedError, 'InvalidSqlstateReturnedError', '39001'],
  [NullValueInExternalRoutineNotAllowedError, 'NullValueInExternalRoutineNotAllowedError', '39004'],
  [TriggerProtocolViolatedError, 'TriggerProtocolViolatedError', '39P01'],
  [SrfProtocolViolatedError, 'SrfProtocolViolatedError', '39P02'],
  [EventTriggerProtocolViolatedError, 'EventTriggerProtocolViolatedError', '39P03'],
  [SavepointError, 'SavepointError', '3B000'],
  [InvalidSavepointSpecificationError, 'InvalidSavepointSpecificationError', '3B001'],
  [InvalidCatalogNameError, 'InvalidCatalogNameError', '3D000'],
  [InvalidSchemaNameError, 'InvalidSchemaNameError', '3F000'],
  [TransactionRollbackError, 'TransactionRollbackError', '40000'],
  [TransactionIntegrityConstraintViolationError, 'TransactionIntegrityConstraintViolationError', '40002'],
  [SerializationError, 'SerializationError', '40001'],
  [StatementCompletionUnknownError, 'StatementCompletionUnknownError', '40003'],
  [DeadlockDetectedError, 'DeadlockDetectedError', '40P01'],
  [SyntaxOrAccessError, 'SyntaxOrAccessError', '42000'],
  [PostgresSyntaxError, 'PostgresSyntaxError', '42601'],
  [InsufficientPrivilegeError, 'InsufficientPrivilegeError', '42501'],
  [CannotCoerceError, 'CannotCoerceError', '42846'],
  [GroupingError, 'GroupingError', '42803'],
  [WindowingError, 'WindowingError', '42P20'],
  [InvalidRecursionError, 'InvalidRecursionError', '42P19'],
  [InvalidForeignKeyError, 'InvalidForeignKeyError', '42830'],
  [InvalidNameError, 'InvalidNameError', '42602'],
  [NameTooLongError, 'NameTooLongError', '42622'],
  [ReservedNameError, 'ReservedNameError', '42939'],
  [DatatypeMismatchError, 'DatatypeMismatchError', '42804'],
  [IndeterminateDatatypeError, 'IndeterminateDatatypeError', '42P18'],
  [CollationMismatchError, 'CollationMismatchError', '42P21'],
  [IndeterminateCollationError, 'IndeterminateCollationError', '42P22'],
  [WrongObjectTypeError, 'WrongObjectTypeError', '42809'],
  [GeneratedAlwaysError, 'GeneratedAlwaysError', '428C9'],
  [UndefinedColumnError, 'UndefinedColumnError', '42703'],
  [UndefinedFunctionError, 'UndefinedFunctionError', '42883'],
  [UndefinedTableError, 'UndefinedTableError', '42P01'],
  [UndefinedParameterError, 'UndefinedParameterError', '42P02'],
  [UndefinedObjectError, 'UndefinedObjectError', '42704'],
  [DuplicateColumnError, 'DuplicateColumnError', '42701'],
  [DuplicateCursorError, 'DuplicateCursorError', '42P03'],
  [DuplicateDatabaseError, 'DuplicateDatabaseError', '42P04'],
  [DuplicateFunctionError, 'DuplicateFunctionError', '42723'],
  [DuplicatePreparedStatementError, 'DuplicatePreparedStatementError', '42P05'],
  [DuplicateSchemaError, 'DuplicateSchemaError', '42P06'],
  [DuplicateTableError, 'DuplicateTableError', '42P07'],
  [DuplicateAliasError, 'DuplicateAliasError', '42712'],
  [DuplicateObjectError, 'DuplicateObjectError', '42710'],
  [AmbiguousColumnError, 'AmbiguousColumnError', '42702'],
  [AmbiguousFunctionError, 'AmbiguousFunctionError', '42725'],
  [AmbiguousParameterError, 'AmbiguousParameterError', '42P08'],
  [AmbiguousAliasError, 'AmbiguousAliasError', '42P09'],
  [InvalidColumnReferenceError, 'InvalidColumnReferenceError', '42P10'],
  [InvalidColumnDefinitionError, 'InvalidColumnDefinitionError', '42611'],
  [InvalidCursorDefinitionError, 'InvalidCursorDefinitionError', '42P11'],
  [InvalidDatabaseDefinitionError, 'InvalidDatabaseDefinitionError', '42P12'],
  [InvalidFunctionDefinitionError, 'InvalidFunctionDefinitionError', '42P13'],
  [InvalidPreparedStatementDefinitionError, 'InvalidPreparedStatementDefinitionError', '42P14'],
  [InvalidSchemaDefinitionError, 'InvalidSchemaDefinitionError', '42P15'],
  [InvalidTableDefinitionError, 'InvalidTableDefinitionError', '42P16'],
  [InvalidObjectDefinitionError, 'InvalidObjectDefinitionError', '42P17'],
  [WithCheckOptionViolationError, 'WithCheckOptionViolationError', '44000'],
  [InsufficientResourcesError, 'InsufficientResourcesError', '53000'],
  [DiskFullError, 'DiskFullError', '53100'],
  [OutOfMemoryError, 'OutOfMemoryError', '53200'],
  [TooManyConnectionsError, 'TooManyConnectionsError', '53300'],
  [ConfigurationLimitExceededError, 'ConfigurationLimitExceededError', '53400'],
  [ProgramLimitExceededError, 'ProgramLimitExceededError', '54000'],
  [StatementTooComplexError, 'StatementTooComplexError', '54001'],
  [TooManyColumnsError, 'TooManyColumnsError', '54011'],
  [TooManyArgumentsError, 'TooManyArgumentsError', '54023'],
  [ObjectNotInPrerequisiteStateError, 'ObjectNotInPrerequisiteStateError', '55000'],
  [ObjectInUseError, 'ObjectInUseError', '55006'],
  [CantChangeRuntimeParamError, 'CantChangeRuntimeParamError', '55P02'],
  [LockNotAvailableError, 'LockNotAvailableError', '55P03'],
  [UnsafeNewEnumValueUsageError, 'UnsafeNewEnumValueUsageError', '55P04'],
  [OperatorInterventionError, 'OperatorInterventionError', '57000'],
  [QueryCanceledError, 'QueryCanceledError', '57014'],
  [AdminShutdownError, 'AdminShutdownError', '57P01'],
  [CrashShutdownError, 'CrashShutdownError', '57P02'],
  [CannotConnectNowError, 'CannotConnectNowError', '57P03'],
  [DatabaseDroppedError, 'DatabaseDroppedError', '57P04'],
  [IdleSessionTimeoutError, 'IdleSessionTimeoutError', '57P05'],
  [PostgresSystemError, 'PostgresSystemError', '58000'],
  [PostgresIOError, 'PostgresIOError', '58030'],
  [UndefinedFileError, 'UndefinedFileError', '58P01'],
  [DuplicateFileError, 'DuplicateFileError', '58P02'],
  [FileNameTooLongError, 'FileNameTooLongError', '58P03'],
  [SnapshotTooOldError, 'SnapshotTooOldError', '72000'],
  [ConfigFileError, 'ConfigFileError', 'F0000'],
  [LockFileExistsError, 'LockFileExistsError', 'F0001'],
  [FDWError, 'FDWError', 'HV000'],
  [FDWColumnNameNotFoundError, 'FDWColumnNameNotFoundError', 'HV005'],
  [FDWDynamicParameterValueNeededError, 'FDWDynamicParameterValueNeededError', 'HV002'],
  [FDWFunctionSequenceError, 'FDWFunctionSequenceError', 'HV010'],
  [FDWInconsistentDescriptorInformationError, 'FDWInconsistentDescriptorInformationError', 'HV021'],
  [FDWInvalidAttributeValueError, 'FDWInvalidAttributeValueError', 'HV024'],
  [FDWInvalidColumnNameError, 'FDWInvalidColumnNameError', 'HV007'],
  [FDWInvalidColumnNumberError, 'FDWInvalidColumnNumberError', 'HV008'],
  [FDWInvalidDataTypeError, 'FDWInvalidDataTypeError', 'HV004'],
  [FDWInvalidDataTypeDescriptorsError, 'FDWInvalidDataTypeDescriptorsError', 'HV006'],
  [FDWInvalidDescriptorFieldIdentifierError, 'FDWInvalidDescriptorFieldIdentifierError', 'HV091'],
  [FDWInvalidHandleError, 'FDWInvalidHandleError', 'HV00B'],
  [FDWInvalidOptionIndexError, 'FDWInvalidOptionIndexError', 'HV00C'],
  [FDWInvalidOptionNameError, 'FDWInvalidOptionNameError', 'HV00D'],
  [FDWInvalidStringLengthOrBufferLengthError, 'FDWInvalidStringLengthOrBufferLengthError', 'HV090'],
  [FDWInvalidStringFormatError, 'FDWInvalidStringFormatError', 'HV00A'],
  [FDWInvalidUseOfNullPointerError, 'FDWInvalidUseOfNullPointerError', 'HV009'],
  [FDWTooManyHandlesError, 'FDWTooManyHandlesError', 'HV014'],
  [FDWOutOfMemoryError, 'FDWOutOfMemoryError', 'HV001'],
  [FDWNoSchemasError, 'FDWNoSchemasError', 'HV00P'],
  [FDWOptionNameNotFoundError, 'FDWOptionNameNotFoundError', 'HV00J'],
  [FDWReplyHandleError, 'FDWReplyHandleError', 'HV00K'],
  [FDWSchemaNotFoundError, 'FDWSchemaNotFoundError', 'HV00Q'],
  [FDWTableNotFoundError, 'FDWTableNotFoundError', 'HV00R'],
  [FDWUnableToCreateExecutionError, 'FDWUnableToCreateExecutionError', 'HV00L'],
  [FDWUnableToCreateReplyError, 'FDWUnableToCreateReplyError', 'HV00M'],
  [FDWUnableToEstablishConnectionError, 'FDWUnableToEstablishConnectionError', 'HV00N'],
  [PLPGSQLError, 'PLPGSQLError', 'P0000'],
  [RaiseError, 'RaiseError', 'P0001'],
  [NoDataFoundError, 'NoDataFoundError', 'P0002'],
  [TooManyRowsError, 'TooManyRowsError', 'P0003'],
  [AssertError, 'AssertError', 'P0004'],
  [InternalServerError, 'InternalServerError', 'XX000'],
  [DataCorruptedError, 'DataCorruptedError', 'XX001'],
  [IndexCorruptedError, 'IndexCorruptedError', 'XX002'],
])
