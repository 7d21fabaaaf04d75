// Written by tools/generate-errors.mjs from the errcodes.txt of PostgreSQL: change that tool, not this file.
import {
  ConnectionDoesNotExistError,
  DataError,
  named,
  PostgresConnectionError,
  PostgresError,
  PostgresWarning,
} from './base.ts'

export { ConnectionDoesNotExistError, DataError, PostgresConnectionError, PostgresWarning }

// 01: Warning

/** `0100C` dynamic_result_sets_returned. */
export class DynamicResultSetsReturned extends PostgresWarning {
  static override readonly sqlstate: string = '0100C'
  static {
    named(DynamicResultSetsReturned, 'DynamicResultSetsReturned')
  }
}

/** `01008` implicit_zero_bit_padding. */
export class ImplicitZeroBitPadding extends PostgresWarning {
  static override readonly sqlstate: string = '01008'
  static {
    named(ImplicitZeroBitPadding, 'ImplicitZeroBitPadding')
  }
}

/** `01003` null_value_eliminated_in_set_function. */
export class NullValueEliminatedInSetFunction extends PostgresWarning {
  static override readonly sqlstate: string = '01003'
  static {
    named(NullValueEliminatedInSetFunction, 'NullValueEliminatedInSetFunction')
  }
}

/** `01007` privilege_not_granted. */
export class PrivilegeNotGranted extends PostgresWarning {
  static override readonly sqlstate: string = '01007'
  static {
    named(PrivilegeNotGranted, 'PrivilegeNotGranted')
  }
}

/** `01006` privilege_not_revoked. */
export class PrivilegeNotRevoked extends PostgresWarning {
  static override readonly sqlstate: string = '01006'
  static {
    named(PrivilegeNotRevoked, 'PrivilegeNotRevoked')
  }
}

/** `01004` string_data_right_truncation. */
export class StringDataRightTruncation extends PostgresWarning {
  static override readonly sqlstate: string = '01004'
  static {
    named(StringDataRightTruncation, 'StringDataRightTruncation')
  }
}

/** `01P01` deprecated_feature. */
export class DeprecatedFeature extends PostgresWarning {
  static override readonly sqlstate: string = '01P01'
  static {
    named(DeprecatedFeature, 'DeprecatedFeature')
  }
}

// 02: No Data (this is also a warning class per the SQL standard)

/** `02000` no_data. */
export class NoData extends PostgresWarning {
  static override readonly sqlstate: string = '02000'
  static {
    named(NoData, 'NoData')
  }
}

/** `02001` no_additional_dynamic_result_sets_returned. */
export class NoAdditionalDynamicResultSetsReturned extends NoData {
  static override readonly sqlstate: string = '02001'
  static {
    named(NoAdditionalDynamicResultSetsReturned, 'NoAdditionalDynamicResultSetsReturned')
  }
}

// 03: SQL Statement Not Yet Complete

/** `03000` sql_statement_not_yet_complete. */
export class SQLStatementNotYetCompleteError extends PostgresError {
  static override readonly sqlstate: string = '03000'
  static {
    named(SQLStatementNotYetCompleteError, 'SQLStatementNotYetCompleteError')
  }
}

// 08: Connection Exception

/** `08006` connection_failure. */
export class ConnectionFailureError extends PostgresConnectionError {
  static override readonly sqlstate: string = '08006'
  static {
    named(ConnectionFailureError, 'ConnectionFailureError')
  }
}

/** `08001` sqlclient_unable_to_establish_sqlconnection. */
export class ClientCannotConnectError extends PostgresConnectionError {
  static override readonly sqlstate: string = '08001'
  static {
    named(ClientCannotConnectError, 'ClientCannotConnectError')
  }
}

/** `08004` sqlserver_rejected_establishment_of_sqlconnection. */
export class ConnectionRejectionError extends PostgresConnectionError {
  static override readonly sqlstate: string = '08004'
  static {
    named(ConnectionRejectionError, 'ConnectionRejectionError')
  }
}

/** `08007` transaction_resolution_unknown. */
export class TransactionResolutionUnknownError extends PostgresConnectionError {
  static override readonly sqlstate: string = '08007'
  static {
    named(TransactionResolutionUnknownError, 'TransactionResolutionUnknownError')
  }
}

/** `08P01` protocol_violation. */
export class ProtocolViolationError extends PostgresConnectionError {
  static override readonly sqlstate: string = '08P01'
  static {
    named(ProtocolViolationError, 'ProtocolViolationError')
  }
}

// 09: Triggered Action Exception

/** `09000` triggered_action_exception. */
export class TriggeredActionError extends PostgresError {
  static override readonly sqlstate: string = '09000'
  static {
    named(TriggeredActionError, 'TriggeredActionError')
  }
}

// 0A: Feature Not Supported

/** `0A000` feature_not_supported. */
export class FeatureNotSupportedError extends PostgresError {
  static override readonly sqlstate: string = '0A000'
  static {
    named(FeatureNotSupportedError, 'FeatureNotSupportedError')
  }
}

/** `0A000` from a cached plan whose result type changed; has no code of its own. */
export class InvalidCachedStatementError extends FeatureNotSupportedError {
  static {
    named(InvalidCachedStatementError, 'InvalidCachedStatementError')
  }
}

// 0B: Invalid Transaction Initiation

/** `0B000` invalid_transaction_initiation. */
export class InvalidTransactionInitiationError extends PostgresError {
  static override readonly sqlstate: string = '0B000'
  static {
    named(InvalidTransactionInitiationError, 'InvalidTransactionInitiationError')
  }
}

// 0F: Locator Exception

/** `0F000` locator_exception. */
export class LocatorError extends PostgresError {
  static override readonly sqlstate: string = '0F000'
  static {
    named(LocatorError, 'LocatorError')
  }
}

/** `0F001` invalid_locator_specification. */
export class InvalidLocatorSpecificationError extends LocatorError {
  static override readonly sqlstate: string = '0F001'
  static {
    named(InvalidLocatorSpecificationError, 'InvalidLocatorSpecificationError')
  }
}

// 0L: Invalid Grantor

/** `0L000` invalid_grantor. */
export class InvalidGrantorError extends PostgresError {
  static override readonly sqlstate: string = '0L000'
  static {
    named(InvalidGrantorError, 'InvalidGrantorError')
  }
}

/** `0LP01` invalid_grant_operation. */
export class InvalidGrantOperationError extends InvalidGrantorError {
  static override readonly sqlstate: string = '0LP01'
  static {
    named(InvalidGrantOperationError, 'InvalidGrantOperationError')
  }
}

// 0P: Invalid Role Specification

/** `0P000` invalid_role_specification. */
export class InvalidRoleSpecificationError extends PostgresError {
  static override readonly sqlstate: string = '0P000'
  static {
    named(InvalidRoleSpecificationError, 'InvalidRoleSpecificationError')
  }
}

// 0Z: Diagnostics Exception

/** `0Z000` diagnostics_exception. */
export class DiagnosticsError extends PostgresError {
  static override readonly sqlstate: string = '0Z000'
  static {
    named(DiagnosticsError, 'DiagnosticsError')
  }
}

/** `0Z002` stacked_diagnostics_accessed_without_active_handler. */
export class StackedDiagnosticsAccessedWithoutActiveHandlerError extends DiagnosticsError {
  static override readonly sqlstate: string = '0Z002'
  static {
    named(
      StackedDiagnosticsAccessedWithoutActiveHandlerError,
      'StackedDiagnosticsAccessedWithoutActiveHandlerError',
    )
  }
}

// 10: XQuery Error

/** `10608` invalid_argument_for_xquery. */
export class InvalidArgumentForXqueryError extends PostgresError {
  static override readonly sqlstate: string = '10608'
  static {
    named(InvalidArgumentForXqueryError, 'InvalidArgumentForXqueryError')
  }
}

// 20: Case Not Found

/** `20000` case_not_found. */
export class CaseNotFoundError extends PostgresError {
  static override readonly sqlstate: string = '20000'
  static {
    named(CaseNotFoundError, 'CaseNotFoundError')
  }
}

// 21: Cardinality Violation

/** `21000` cardinality_violation. */
export class CardinalityViolationError extends PostgresError {
  static override readonly sqlstate: string = '21000'
  static {
    named(CardinalityViolationError, 'CardinalityViolationError')
  }
}

// 22: Data Exception

/** `2202E` array_subscript_error. */
export class ArraySubscriptError extends DataError {
  static override readonly sqlstate: string = '2202E'
  static {
    named(ArraySubscriptError, 'ArraySubscriptError')
  }
}

/** `22021` character_not_in_repertoire. */
export class CharacterNotInRepertoireError extends DataError {
  static override readonly sqlstate: string = '22021'
  static {
    named(CharacterNotInRepertoireError, 'CharacterNotInRepertoireError')
  }
}

/** `22008` datetime_field_overflow. */
export class DatetimeFieldOverflowError extends DataError {
  static override readonly sqlstate: string = '22008'
  static {
    named(DatetimeFieldOverflowError, 'DatetimeFieldOverflowError')
  }
}

/** `22012` division_by_zero. */
export class DivisionByZeroError extends DataError {
  static override readonly sqlstate: string = '22012'
  static {
    named(DivisionByZeroError, 'DivisionByZeroError')
  }
}

/** `22005` error_in_assignment. */
export class ErrorInAssignmentError extends DataError {
  static override readonly sqlstate: string = '22005'
  static {
    named(ErrorInAssignmentError, 'ErrorInAssignmentError')
  }
}

/** `2200B` escape_character_conflict. */
export class EscapeCharacterConflictError extends DataError {
  static override readonly sqlstate: string = '2200B'
  static {
    named(EscapeCharacterConflictError, 'EscapeCharacterConflictError')
  }
}

/** `22022` indicator_overflow. */
export class IndicatorOverflowError extends DataError {
  static override readonly sqlstate: string = '22022'
  static {
    named(IndicatorOverflowError, 'IndicatorOverflowError')
  }
}

/** `22015` interval_field_overflow. */
export class IntervalFieldOverflowError extends DataError {
  static override readonly sqlstate: string = '22015'
  static {
    named(IntervalFieldOverflowError, 'IntervalFieldOverflowError')
  }
}

/** `2201E` invalid_argument_for_logarithm. */
export class InvalidArgumentForLogarithmError extends DataError {
  static override readonly sqlstate: string = '2201E'
  static {
    named(InvalidArgumentForLogarithmError, 'InvalidArgumentForLogarithmError')
  }
}

/** `22014` invalid_argument_for_ntile_function. */
export class InvalidArgumentForNtileFunctionError extends DataError {
  static override readonly sqlstate: string = '22014'
  static {
    named(InvalidArgumentForNtileFunctionError, 'InvalidArgumentForNtileFunctionError')
  }
}

/** `22016` invalid_argument_for_nth_value_function. */
export class InvalidArgumentForNthValueFunctionError extends DataError {
  static override readonly sqlstate: string = '22016'
  static {
    named(InvalidArgumentForNthValueFunctionError, 'InvalidArgumentForNthValueFunctionError')
  }
}

/** `2201F` invalid_argument_for_power_function. */
export class InvalidArgumentForPowerFunctionError extends DataError {
  static override readonly sqlstate: string = '2201F'
  static {
    named(InvalidArgumentForPowerFunctionError, 'InvalidArgumentForPowerFunctionError')
  }
}

/** `2201G` invalid_argument_for_width_bucket_function. */
export class InvalidArgumentForWidthBucketFunctionError extends DataError {
  static override readonly sqlstate: string = '2201G'
  static {
    named(InvalidArgumentForWidthBucketFunctionError, 'InvalidArgumentForWidthBucketFunctionError')
  }
}

/** `22018` invalid_character_value_for_cast. */
export class InvalidCharacterValueForCastError extends DataError {
  static override readonly sqlstate: string = '22018'
  static {
    named(InvalidCharacterValueForCastError, 'InvalidCharacterValueForCastError')
  }
}

/** `22007` invalid_datetime_format. */
export class InvalidDatetimeFormatError extends DataError {
  static override readonly sqlstate: string = '22007'
  static {
    named(InvalidDatetimeFormatError, 'InvalidDatetimeFormatError')
  }
}

/** `22019` invalid_escape_character. */
export class InvalidEscapeCharacterError extends DataError {
  static override readonly sqlstate: string = '22019'
  static {
    named(InvalidEscapeCharacterError, 'InvalidEscapeCharacterError')
  }
}

/** `2200D` invalid_escape_octet. */
export class InvalidEscapeOctetError extends DataError {
  static override readonly sqlstate: string = '2200D'
  static {
    named(InvalidEscapeOctetError, 'InvalidEscapeOctetError')
  }
}

/** `22025` invalid_escape_sequence. */
export class InvalidEscapeSequenceError extends DataError {
  static override readonly sqlstate: string = '22025'
  static {
    named(InvalidEscapeSequenceError, 'InvalidEscapeSequenceError')
  }
}

/** `22P06` nonstandard_use_of_escape_character. */
export class NonstandardUseOfEscapeCharacterError extends DataError {
  static override readonly sqlstate: string = '22P06'
  static {
    named(NonstandardUseOfEscapeCharacterError, 'NonstandardUseOfEscapeCharacterError')
  }
}

/** `22010` invalid_indicator_parameter_value. */
export class InvalidIndicatorParameterValueError extends DataError {
  static override readonly sqlstate: string = '22010'
  static {
    named(InvalidIndicatorParameterValueError, 'InvalidIndicatorParameterValueError')
  }
}

/** `22023` invalid_parameter_value. */
export class InvalidParameterValueError extends DataError {
  static override readonly sqlstate: string = '22023'
  static {
    named(InvalidParameterValueError, 'InvalidParameterValueError')
  }
}

/** `22013` invalid_preceding_or_following_size. */
export class InvalidPrecedingOrFollowingSizeError extends DataError {
  static override readonly sqlstate: string = '22013'
  static {
    named(InvalidPrecedingOrFollowingSizeError, 'InvalidPrecedingOrFollowingSizeError')
  }
}

/** `2201B` invalid_regular_expression. */
export class InvalidRegularExpressionError extends DataError {
  static override readonly sqlstate: string = '2201B'
  static {
    named(InvalidRegularExpressionError, 'InvalidRegularExpressionError')
  }
}

/** `2201W` invalid_row_count_in_limit_clause. */
export class InvalidRowCountInLimitClauseError extends DataError {
  static override readonly sqlstate: string = '2201W'
  static {
    named(InvalidRowCountInLimitClauseError, 'InvalidRowCountInLimitClauseError')
  }
}

/** `2201X` invalid_row_count_in_result_offset_clause. */
export class InvalidRowCountInResultOffsetClauseError extends DataError {
  static override readonly sqlstate: string = '2201X'
  static {
    named(InvalidRowCountInResultOffsetClauseError, 'InvalidRowCountInResultOffsetClauseError')
  }
}

/** `2202H` invalid_tablesample_argument. */
export class InvalidTablesampleArgumentError extends DataError {
  static override readonly sqlstate: string = '2202H'
  static {
    named(InvalidTablesampleArgumentError, 'InvalidTablesampleArgumentError')
  }
}

/** `2202G` invalid_tablesample_repeat. */
export class InvalidTablesampleRepeatError extends DataError {
  static override readonly sqlstate: string = '2202G'
  static {
    named(InvalidTablesampleRepeatError, 'InvalidTablesampleRepeatError')
  }
}

/** `22009` invalid_time_zone_displacement_value. */
export class InvalidTimeZoneDisplacementValueError extends DataError {
  static override readonly sqlstate: string = '22009'
  static {
    named(InvalidTimeZoneDisplacementValueError, 'InvalidTimeZoneDisplacementValueError')
  }
}

/** `2200C` invalid_use_of_escape_character. */
export class InvalidUseOfEscapeCharacterError extends DataError {
  static override readonly sqlstate: string = '2200C'
  static {
    named(InvalidUseOfEscapeCharacterError, 'InvalidUseOfEscapeCharacterError')
  }
}

/** `2200G` most_specific_type_mismatch. */
export class MostSpecificTypeMismatchError extends DataError {
  static override readonly sqlstate: string = '2200G'
  static {
    named(MostSpecificTypeMismatchError, 'MostSpecificTypeMismatchError')
  }
}

/** `22004` null_value_not_allowed. */
export class NullValueNotAllowedError extends DataError {
  static override readonly sqlstate: string = '22004'
  static {
    named(NullValueNotAllowedError, 'NullValueNotAllowedError')
  }
}

/** `22002` null_value_no_indicator_parameter. */
export class NullValueNoIndicatorParameterError extends DataError {
  static override readonly sqlstate: string = '22002'
  static {
    named(NullValueNoIndicatorParameterError, 'NullValueNoIndicatorParameterError')
  }
}

/** `22003` numeric_value_out_of_range. */
export class NumericValueOutOfRangeError extends DataError {
  static override readonly sqlstate: string = '22003'
  static {
    named(NumericValueOutOfRangeError, 'NumericValueOutOfRangeError')
  }
}

/** `2200H` sequence_generator_limit_exceeded. */
export class SequenceGeneratorLimitExceededError extends DataError {
  static override readonly sqlstate: string = '2200H'
  static {
    named(SequenceGeneratorLimitExceededError, 'SequenceGeneratorLimitExceededError')
  }
}

/** `22026` string_data_length_mismatch. */
export class StringDataLengthMismatchError extends DataError {
  static override readonly sqlstate: string = '22026'
  static {
    named(StringDataLengthMismatchError, 'StringDataLengthMismatchError')
  }
}

/** `22001` string_data_right_truncation. */
export class StringDataRightTruncationError extends DataError {
  static override readonly sqlstate: string = '22001'
  static {
    named(StringDataRightTruncationError, 'StringDataRightTruncationError')
  }
}

/** `22011` substring_error. */
export class SubstringError extends DataError {
  static override readonly sqlstate: string = '22011'
  static {
    named(SubstringError, 'SubstringError')
  }
}

/** `22027` trim_error. */
export class TrimError extends DataError {
  static override readonly sqlstate: string = '22027'
  static {
    named(TrimError, 'TrimError')
  }
}

/** `22024` unterminated_c_string. */
export class UnterminatedCStringError extends DataError {
  static override readonly sqlstate: string = '22024'
  static {
    named(UnterminatedCStringError, 'UnterminatedCStringError')
  }
}

/** `2200F` zero_length_character_string. */
export class ZeroLengthCharacterStringError extends DataError {
  static override readonly sqlstate: string = '2200F'
  static {
    named(ZeroLengthCharacterStringError, 'ZeroLengthCharacterStringError')
  }
}

/** `22P01` floating_point_exception. */
export class PostgresFloatingPointError extends DataError {
  static override readonly sqlstate: string = '22P01'
  static {
    named(PostgresFloatingPointError, 'PostgresFloatingPointError')
  }
}

/** `22P02` invalid_text_representation. */
export class InvalidTextRepresentationError extends DataError {
  static override readonly sqlstate: string = '22P02'
  static {
    named(InvalidTextRepresentationError, 'InvalidTextRepresentationError')
  }
}

/** `22P03` invalid_binary_representation. */
export class InvalidBinaryRepresentationError extends DataError {
  static override readonly sqlstate: string = '22P03'
  static {
    named(InvalidBinaryRepresentationError, 'InvalidBinaryRepresentationError')
  }
}

/** `22P04` bad_copy_file_format. */
export class BadCopyFileFormatError extends DataError {
  static override readonly sqlstate: string = '22P04'
  static {
    named(BadCopyFileFormatError, 'BadCopyFileFormatError')
  }
}

/** `22P05` untranslatable_character. */
export class UntranslatableCharacterError extends DataError {
  static override readonly sqlstate: string = '22P05'
  static {
    named(UntranslatableCharacterError, 'UntranslatableCharacterError')
  }
}

/** `2200L` not_an_xml_document. */
export class NotAnXmlDocumentError extends DataError {
  static override readonly sqlstate: string = '2200L'
  static {
    named(NotAnXmlDocumentError, 'NotAnXmlDocumentError')
  }
}

/** `2200M` invalid_xml_document. */
export class InvalidXmlDocumentError extends DataError {
  static override readonly sqlstate: string = '2200M'
  static {
    named(InvalidXmlDocumentError, 'InvalidXmlDocumentError')
  }
}

/** `2200N` invalid_xml_content. */
export class InvalidXmlContentError extends DataError {
  static override readonly sqlstate: string = '2200N'
  static {
    named(InvalidXmlContentError, 'InvalidXmlContentError')
  }
}

/** `2200S` invalid_xml_comment. */
export class InvalidXmlCommentError extends DataError {
  static override readonly sqlstate: string = '2200S'
  static {
    named(InvalidXmlCommentError, 'InvalidXmlCommentError')
  }
}

/** `2200T` invalid_xml_processing_instruction. */
export class InvalidXmlProcessingInstructionError extends DataError {
  static override readonly sqlstate: string = '2200T'
  static {
    named(InvalidXmlProcessingInstructionError, 'InvalidXmlProcessingInstructionError')
  }
}

/** `22030` duplicate_json_object_key_value. */
export class DuplicateJsonObjectKeyValueError extends DataError {
  static override readonly sqlstate: string = '22030'
  static {
    named(DuplicateJsonObjectKeyValueError, 'DuplicateJsonObjectKeyValueError')
  }
}

/** `22031` invalid_argument_for_sql_json_datetime_function. */
export class InvalidArgumentForSQLJsonDatetimeFunctionError extends DataError {
  static override readonly sqlstate: string = '22031'
  static {
    named(InvalidArgumentForSQLJsonDatetimeFunctionError, 'InvalidArgumentForSQLJsonDatetimeFunctionError')
  }
}

/** `22032` invalid_json_text. */
export class InvalidJsonTextError extends DataError {
  static override readonly sqlstate: string = '22032'
  static {
    named(InvalidJsonTextError, 'InvalidJsonTextError')
  }
}

/** `22033` invalid_sql_json_subscript. */
export class InvalidSQLJsonSubscriptError extends DataError {
  static override readonly sqlstate: string = '22033'
  static {
    named(InvalidSQLJsonSubscriptError, 'InvalidSQLJsonSubscriptError')
  }
}

/** `22034` more_than_one_sql_json_item. */
export class MoreThanOneSQLJsonItemError extends DataError {
  static override readonly sqlstate: string = '22034'
  static {
    named(MoreThanOneSQLJsonItemError, 'MoreThanOneSQLJsonItemError')
  }
}

/** `22035` no_sql_json_item. */
export class NoSQLJsonItemError extends DataError {
  static override readonly sqlstate: string = '22035'
  static {
    named(NoSQLJsonItemError, 'NoSQLJsonItemError')
  }
}

/** `22036` non_numeric_sql_json_item. */
export class NonNumericSQLJsonItemError extends DataError {
  static override readonly sqlstate: string = '22036'
  static {
    named(NonNumericSQLJsonItemError, 'NonNumericSQLJsonItemError')
  }
}

/** `22037` non_unique_keys_in_a_json_object. */
export class NonUniqueKeysInAJsonObjectError extends DataError {
  static override readonly sqlstate: string = '22037'
  static {
    named(NonUniqueKeysInAJsonObjectError, 'NonUniqueKeysInAJsonObjectError')
  }
}

/** `22038` singleton_sql_json_item_required. */
export class SingletonSQLJsonItemRequiredError extends DataError {
  static override readonly sqlstate: string = '22038'
  static {
    named(SingletonSQLJsonItemRequiredError, 'SingletonSQLJsonItemRequiredError')
  }
}

/** `22039` sql_json_array_not_found. */
export class SQLJsonArrayNotFoundError extends DataError {
  static override readonly sqlstate: string = '22039'
  static {
    named(SQLJsonArrayNotFoundError, 'SQLJsonArrayNotFoundError')
  }
}

/** `2203A` sql_json_member_not_found. */
export class SQLJsonMemberNotFoundError extends DataError {
  static override readonly sqlstate: string = '2203A'
  static {
    named(SQLJsonMemberNotFoundError, 'SQLJsonMemberNotFoundError')
  }
}

/** `2203B` sql_json_number_not_found. */
export class SQLJsonNumberNotFoundError extends DataError {
  static override readonly sqlstate: string = '2203B'
  static {
    named(SQLJsonNumberNotFoundError, 'SQLJsonNumberNotFoundError')
  }
}

/** `2203C` sql_json_object_not_found. */
export class SQLJsonObjectNotFoundError extends DataError {
  static override readonly sqlstate: string = '2203C'
  static {
    named(SQLJsonObjectNotFoundError, 'SQLJsonObjectNotFoundError')
  }
}

/** `2203D` too_many_json_array_elements. */
export class TooManyJsonArrayElementsError extends DataError {
  static override readonly sqlstate: string = '2203D'
  static {
    named(TooManyJsonArrayElementsError, 'TooManyJsonArrayElementsError')
  }
}

/** `2203E` too_many_json_object_members. */
export class TooManyJsonObjectMembersError extends DataError {
  static override readonly sqlstate: string = '2203E'
  static {
    named(TooManyJsonObjectMembersError, 'TooManyJsonObjectMembersError')
  }
}

/** `2203F` sql_json_scalar_required. */
export class SQLJsonScalarRequiredError extends DataError {
  static override readonly sqlstate: string = '2203F'
  static {
    named(SQLJsonScalarRequiredError, 'SQLJsonScalarRequiredError')
  }
}

/** `2203G` sql_json_item_cannot_be_cast_to_target_type. */
export class SQLJsonItemCannotBeCastToTargetTypeError extends DataError {
  static override readonly sqlstate: string = '2203G'
  static {
    named(SQLJsonItemCannotBeCastToTargetTypeError, 'SQLJsonItemCannotBeCastToTargetTypeError')
  }
}

// 23: Integrity Constraint Violation

/** `23000` integrity_constraint_violation. */
export class IntegrityConstraintViolationError extends PostgresError {
  static override readonly sqlstate: string = '23000'
  static {
    named(IntegrityConstraintViolationError, 'IntegrityConstraintViolationError')
  }
}

/** `23001` restrict_violation. */
export class RestrictViolationError extends IntegrityConstraintViolationError {
  static override readonly sqlstate: string = '23001'
  static {
    named(RestrictViolationError, 'RestrictViolationError')
  }
}

/** `23502` not_null_violation. */
export class NotNullViolationError extends IntegrityConstraintViolationError {
  static override readonly sqlstate: string = '23502'
  static {
    named(NotNullViolationError, 'NotNullViolationError')
  }
}

/** `23503` foreign_key_violation. */
export class ForeignKeyViolationError extends IntegrityConstraintViolationError {
  static override readonly sqlstate: string = '23503'
  static {
    named(ForeignKeyViolationError, 'ForeignKeyViolationError')
  }
}

/** `23505` unique_violation. */
export class UniqueViolationError extends IntegrityConstraintViolationError {
  static override readonly sqlstate: string = '23505'
  static {
    named(UniqueViolationError, 'UniqueViolationError')
  }
}

/** `23514` check_violation. */
export class CheckViolationError extends IntegrityConstraintViolationError {
  static override readonly sqlstate: string = '23514'
  static {
    named(CheckViolationError, 'CheckViolationError')
  }
}

/** `23P01` exclusion_violation. */
export class ExclusionViolationError extends IntegrityConstraintViolationError {
  static override readonly sqlstate: string = '23P01'
  static {
    named(ExclusionViolationError, 'ExclusionViolationError')
  }
}

// 24: Invalid Cursor State

/** `24000` invalid_cursor_state. */
export class InvalidCursorStateError extends PostgresError {
  static override readonly sqlstate: string = '24000'
  static {
    named(InvalidCursorStateError, 'InvalidCursorStateError')
  }
}

// 25: Invalid Transaction State

/** `25000` invalid_transaction_state. */
export class InvalidTransactionStateError extends PostgresError {
  static override readonly sqlstate: string = '25000'
  static {
    named(InvalidTransactionStateError, 'InvalidTransactionStateError')
  }
}

/** `25001` active_sql_transaction. */
export class ActiveSQLTransactionError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25001'
  static {
    named(ActiveSQLTransactionError, 'ActiveSQLTransactionError')
  }
}

/** `25002` branch_transaction_already_active. */
export class BranchTransactionAlreadyActiveError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25002'
  static {
    named(BranchTransactionAlreadyActiveError, 'BranchTransactionAlreadyActiveError')
  }
}

/** `25008` held_cursor_requires_same_isolation_level. */
export class HeldCursorRequiresSameIsolationLevelError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25008'
  static {
    named(HeldCursorRequiresSameIsolationLevelError, 'HeldCursorRequiresSameIsolationLevelError')
  }
}

/** `25003` inappropriate_access_mode_for_branch_transaction. */
export class InappropriateAccessModeForBranchTransactionError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25003'
  static {
    named(
      InappropriateAccessModeForBranchTransactionError,
      'InappropriateAccessModeForBranchTransactionError',
    )
  }
}

/** `25004` inappropriate_isolation_level_for_branch_transaction. */
export class InappropriateIsolationLevelForBranchTransactionError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25004'
  static {
    named(
      InappropriateIsolationLevelForBranchTransactionError,
      'InappropriateIsolationLevelForBranchTransactionError',
    )
  }
}

/** `25005` no_active_sql_transaction_for_branch_transaction. */
export class NoActiveSQLTransactionForBranchTransactionError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25005'
  static {
    named(NoActiveSQLTransactionForBranchTransactionError, 'NoActiveSQLTransactionForBranchTransactionError')
  }
}

/** `25006` read_only_sql_transaction. */
export class ReadOnlySQLTransactionError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25006'
  static {
    named(ReadOnlySQLTransactionError, 'ReadOnlySQLTransactionError')
  }
}

/** `25007` schema_and_data_statement_mixing_not_supported. */
export class SchemaAndDataStatementMixingNotSupportedError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25007'
  static {
    named(SchemaAndDataStatementMixingNotSupportedError, 'SchemaAndDataStatementMixingNotSupportedError')
  }
}

/** `25P01` no_active_sql_transaction. */
export class NoActiveSQLTransactionError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25P01'
  static {
    named(NoActiveSQLTransactionError, 'NoActiveSQLTransactionError')
  }
}

/** `25P02` in_failed_sql_transaction. */
export class InFailedSQLTransactionError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25P02'
  static {
    named(InFailedSQLTransactionError, 'InFailedSQLTransactionError')
  }
}

/** `25P03` idle_in_transaction_session_timeout. */
export class IdleInTransactionSessionTimeoutError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25P03'
  static {
    named(IdleInTransactionSessionTimeoutError, 'IdleInTransactionSessionTimeoutError')
  }
}

/** `25P04` transaction_timeout. */
export class TransactionTimeoutError extends InvalidTransactionStateError {
  static override readonly sqlstate: string = '25P04'
  static {
    named(TransactionTimeoutError, 'TransactionTimeoutError')
  }
}

// 26: Invalid SQL Statement Name

/** `26000` invalid_sql_statement_name. */
export class InvalidSQLStatementNameError extends PostgresError {
  static override readonly sqlstate: string = '26000'
  static {
    named(InvalidSQLStatementNameError, 'InvalidSQLStatementNameError')
  }
}

// 27: Triggered Data Change Violation

/** `27000` triggered_data_change_violation. */
export class TriggeredDataChangeViolationError extends PostgresError {
  static override readonly sqlstate: string = '27000'
  static {
    named(TriggeredDataChangeViolationError, 'TriggeredDataChangeViolationError')
  }
}

// 28: Invalid Authorization Specification

/** `28000` invalid_authorization_specification. */
export class InvalidAuthorizationSpecificationError extends PostgresError {
  static override readonly sqlstate: string = '28000'
  static {
    named(InvalidAuthorizationSpecificationError, 'InvalidAuthorizationSpecificationError')
  }
}

/** `28P01` invalid_password. */
export class InvalidPasswordError extends InvalidAuthorizationSpecificationError {
  static override readonly sqlstate: string = '28P01'
  static {
    named(InvalidPasswordError, 'InvalidPasswordError')
  }
}

// 2B: Dependent Privilege Descriptors Still Exist

/** `2B000` dependent_privilege_descriptors_still_exist. */
export class DependentPrivilegeDescriptorsStillExistError extends PostgresError {
  static override readonly sqlstate: string = '2B000'
  static {
    named(DependentPrivilegeDescriptorsStillExistError, 'DependentPrivilegeDescriptorsStillExistError')
  }
}

/** `2BP01` dependent_objects_still_exist. */
export class DependentObjectsStillExistError extends DependentPrivilegeDescriptorsStillExistError {
  static override readonly sqlstate: string = '2BP01'
  static {
    named(DependentObjectsStillExistError, 'DependentObjectsStillExistError')
  }
}

// 2D: Invalid Transaction Termination

/** `2D000` invalid_transaction_termination. */
export class InvalidTransactionTerminationError extends PostgresError {
  static override readonly sqlstate: string = '2D000'
  static {
    named(InvalidTransactionTerminationError, 'InvalidTransactionTerminationError')
  }
}

// 2F: SQL Routine Exception

/** `2F000` sql_routine_exception. */
export class SQLRoutineError extends PostgresError {
  static override readonly sqlstate: string = '2F000'
  static {
    named(SQLRoutineError, 'SQLRoutineError')
  }
}

/** `2F005` function_executed_no_return_statement. */
export class FunctionExecutedNoReturnStatementError extends SQLRoutineError {
  static override readonly sqlstate: string = '2F005'
  static {
    named(FunctionExecutedNoReturnStatementError, 'FunctionExecutedNoReturnStatementError')
  }
}

/** `2F002` modifying_sql_data_not_permitted. */
export class ModifyingSQLDataNotPermittedError extends SQLRoutineError {
  static override readonly sqlstate: string = '2F002'
  static {
    named(ModifyingSQLDataNotPermittedError, 'ModifyingSQLDataNotPermittedError')
  }
}

/** `2F003` prohibited_sql_statement_attempted. */
export class ProhibitedSQLStatementAttemptedError extends SQLRoutineError {
  static override readonly sqlstate: string = '2F003'
  static {
    named(ProhibitedSQLStatementAttemptedError, 'ProhibitedSQLStatementAttemptedError')
  }
}

/** `2F004` reading_sql_data_not_permitted. */
export class ReadingSQLDataNotPermittedError extends SQLRoutineError {
  static override readonly sqlstate: string = '2F004'
  static {
    named(ReadingSQLDataNotPermittedError, 'ReadingSQLDataNotPermittedError')
  }
}

// 34: Invalid Cursor Name

/** `34000` invalid_cursor_name. */
export class InvalidCursorNameError extends PostgresError {
  static override readonly sqlstate: string = '34000'
  static {
    named(InvalidCursorNameError, 'InvalidCursorNameError')
  }
}

// 38: External Routine Exception

/** `38000` external_routine_exception. */
export class ExternalRoutineError extends PostgresError {
  static override readonly sqlstate: string = '38000'
  static {
    named(ExternalRoutineError, 'ExternalRoutineError')
  }
}

/** `38001` containing_sql_not_permitted. */
export class ContainingSQLNotPermittedError extends ExternalRoutineError {
  static override readonly sqlstate: string = '38001'
  static {
    named(ContainingSQLNotPermittedError, 'ContainingSQLNotPermittedError')
  }
}

/** `38002` modifying_sql_data_not_permitted. */
export class ModifyingExternalRoutineSQLDataNotPermittedError extends ExternalRoutineError {
  static override readonly sqlstate: string = '38002'
  static {
    named(
      ModifyingExternalRoutineSQLDataNotPermittedError,
      'ModifyingExternalRoutineSQLDataNotPermittedError',
    )
  }
}

/** `38003` prohibited_sql_statement_attempted. */
export class ProhibitedExternalRoutineSQLStatementAttemptedError extends ExternalRoutineError {
  static override readonly sqlstate: string = '38003'
  static {
    named(
      ProhibitedExternalRoutineSQLStatementAttemptedError,
      'ProhibitedExternalRoutineSQLStatementAttemptedError',
    )
  }
}

/** `38004` reading_sql_data_not_permitted. */
export class ReadingExternalRoutineSQLDataNotPermittedError extends ExternalRoutineError {
  static override readonly sqlstate: string = '38004'
  static {
    named(ReadingExternalRoutineSQLDataNotPermittedError, 'ReadingExternalRoutineSQLDataNotPermittedError')
  }
}

// 39: External Routine Invocation Exception

/** `39000` external_routine_invocation_exception. */
export class ExternalRoutineInvocationError extends PostgresError {
  static override readonly sqlstate: string = '39000'
  static {
    named(ExternalRoutineInvocationError, 'ExternalRoutineInvocationError')
  }
}

/** `39001` invalid_sqlstate_returned. */
export class InvalidSqlstateReturnedError extends ExternalRoutineInvocationError {
  static override readonly sqlstate: string = '39001'
  static {
    named(InvalidSqlstateReturnedError, 'InvalidSqlstateReturnedError')
  }
}

/** `39004` null_value_not_allowed. */
export class NullValueInExternalRoutineNotAllowedError extends ExternalRoutineInvocationError {
  static override readonly sqlstate: string = '39004'
  static {
    named(NullValueInExternalRoutineNotAllowedError, 'NullValueInExternalRoutineNotAllowedError')
  }
}

/** `39P01` trigger_protocol_violated. */
export class TriggerProtocolViolatedError extends ExternalRoutineInvocationError {
  static override readonly sqlstate: string = '39P01'
  static {
    named(TriggerProtocolViolatedError, 'TriggerProtocolViolatedError')
  }
}

/** `39P02` srf_protocol_violated. */
export class SrfProtocolViolatedError extends ExternalRoutineInvocationError {
  static override readonly sqlstate: string = '39P02'
  static {
    named(SrfProtocolViolatedError, 'SrfProtocolViolatedError')
  }
}

/** `39P03` event_trigger_protocol_violated. */
export class EventTriggerProtocolViolatedError extends ExternalRoutineInvocationError {
  static override readonly sqlstate: string = '39P03'
  static {
    named(EventTriggerProtocolViolatedError, 'EventTriggerProtocolViolatedError')
  }
}

// 3B: Savepoint Exception

/** `3B000` savepoint_exception. */
export class SavepointError extends PostgresError {
  static override readonly sqlstate: string = '3B000'
  static {
    named(SavepointError, 'SavepointError')
  }
}

/** `3B001` invalid_savepoint_specification. */
export class InvalidSavepointSpecificationError extends SavepointError {
  static override readonly sqlstate: string = '3B001'
  static {
    named(InvalidSavepointSpecificationError, 'InvalidSavepointSpecificationError')
  }
}

// 3D: Invalid Catalog Name

/** `3D000` invalid_catalog_name. */
export class InvalidCatalogNameError extends PostgresError {
  static override readonly sqlstate: string = '3D000'
  static {
    named(InvalidCatalogNameError, 'InvalidCatalogNameError')
  }
}

// 3F: Invalid Schema Name

/** `3F000` invalid_schema_name. */
export class InvalidSchemaNameError extends PostgresError {
  static override readonly sqlstate: string = '3F000'
  static {
    named(InvalidSchemaNameError, 'InvalidSchemaNameError')
  }
}

// 40: Transaction Rollback

/** `40000` transaction_rollback. */
export class TransactionRollbackError extends PostgresError {
  static override readonly sqlstate: string = '40000'
  static {
    named(TransactionRollbackError, 'TransactionRollbackError')
  }
}

/** `40002` transaction_integrity_constraint_violation. */
export class TransactionIntegrityConstraintViolationError extends TransactionRollbackError {
  static override readonly sqlstate: string = '40002'
  static {
    named(TransactionIntegrityConstraintViolationError, 'TransactionIntegrityConstraintViolationError')
  }
}

/** `40001` serialization_failure. */
export class SerializationError extends TransactionRollbackError {
  static override readonly sqlstate: string = '40001'
  static {
    named(SerializationError, 'SerializationError')
  }
}

/** `40003` statement_completion_unknown. */
export class StatementCompletionUnknownError extends TransactionRollbackError {
  static override readonly sqlstate: string = '40003'
  static {
    named(StatementCompletionUnknownError, 'StatementCompletionUnknownError')
  }
}

/** `40P01` deadlock_detected. */
export class DeadlockDetectedError extends TransactionRollbackError {
  static override readonly sqlstate: string = '40P01'
  static {
    named(DeadlockDetectedError, 'DeadlockDetectedError')
  }
}

// 42: Syntax Error or Access Rule Violation

/** `42000` syntax_error_or_access_rule_violation. */
export class SyntaxOrAccessError extends PostgresError {
  static override readonly sqlstate: string = '42000'
  static {
    named(SyntaxOrAccessError, 'SyntaxOrAccessError')
  }
}

/** `42601` syntax_error. */
export class PostgresSyntaxError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42601'
  static {
    named(PostgresSyntaxError, 'PostgresSyntaxError')
  }
}

/** `42501` insufficient_privilege. */
export class InsufficientPrivilegeError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42501'
  static {
    named(InsufficientPrivilegeError, 'InsufficientPrivilegeError')
  }
}

/** `42846` cannot_coerce. */
export class CannotCoerceError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42846'
  static {
    named(CannotCoerceError, 'CannotCoerceError')
  }
}

/** `42803` grouping_error. */
export class GroupingError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42803'
  static {
    named(GroupingError, 'GroupingError')
  }
}

/** `42P20` windowing_error. */
export class WindowingError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P20'
  static {
    named(WindowingError, 'WindowingError')
  }
}

/** `42P19` invalid_recursion. */
export class InvalidRecursionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P19'
  static {
    named(InvalidRecursionError, 'InvalidRecursionError')
  }
}

/** `42830` invalid_foreign_key. */
export class InvalidForeignKeyError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42830'
  static {
    named(InvalidForeignKeyError, 'InvalidForeignKeyError')
  }
}

/** `42602` invalid_name. */
export class InvalidNameError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42602'
  static {
    named(InvalidNameError, 'InvalidNameError')
  }
}

/** `42622` name_too_long. */
export class NameTooLongError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42622'
  static {
    named(NameTooLongError, 'NameTooLongError')
  }
}

/** `42939` reserved_name. */
export class ReservedNameError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42939'
  static {
    named(ReservedNameError, 'ReservedNameError')
  }
}

/** `42804` datatype_mismatch. */
export class DatatypeMismatchError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42804'
  static {
    named(DatatypeMismatchError, 'DatatypeMismatchError')
  }
}

/** `42P18` indeterminate_datatype. */
export class IndeterminateDatatypeError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P18'
  static {
    named(IndeterminateDatatypeError, 'IndeterminateDatatypeError')
  }
}

/** `42P21` collation_mismatch. */
export class CollationMismatchError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P21'
  static {
    named(CollationMismatchError, 'CollationMismatchError')
  }
}

/** `42P22` indeterminate_collation. */
export class IndeterminateCollationError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P22'
  static {
    named(IndeterminateCollationError, 'IndeterminateCollationError')
  }
}

/** `42809` wrong_object_type. */
export class WrongObjectTypeError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42809'
  static {
    named(WrongObjectTypeError, 'WrongObjectTypeError')
  }
}

/** `428C9` generated_always. */
export class GeneratedAlwaysError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '428C9'
  static {
    named(GeneratedAlwaysError, 'GeneratedAlwaysError')
  }
}

/** `42703` undefined_column. */
export class UndefinedColumnError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42703'
  static {
    named(UndefinedColumnError, 'UndefinedColumnError')
  }
}

/** `42883` undefined_function. */
export class UndefinedFunctionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42883'
  static {
    named(UndefinedFunctionError, 'UndefinedFunctionError')
  }
}

/** `42P01` undefined_table. */
export class UndefinedTableError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P01'
  static {
    named(UndefinedTableError, 'UndefinedTableError')
  }
}

/** `42P02` undefined_parameter. */
export class UndefinedParameterError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P02'
  static {
    named(UndefinedParameterError, 'UndefinedParameterError')
  }
}

/** `42704` undefined_object. */
export class UndefinedObjectError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42704'
  static {
    named(UndefinedObjectError, 'UndefinedObjectError')
  }
}

/** `42701` duplicate_column. */
export class DuplicateColumnError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42701'
  static {
    named(DuplicateColumnError, 'DuplicateColumnError')
  }
}

/** `42P03` duplicate_cursor. */
export class DuplicateCursorError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P03'
  static {
    named(DuplicateCursorError, 'DuplicateCursorError')
  }
}

/** `42P04` duplicate_database. */
export class DuplicateDatabaseError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P04'
  static {
    named(DuplicateDatabaseError, 'DuplicateDatabaseError')
  }
}

/** `42723` duplicate_function. */
export class DuplicateFunctionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42723'
  static {
    named(DuplicateFunctionError, 'DuplicateFunctionError')
  }
}

/** `42P05` duplicate_prepared_statement. */
export class DuplicatePreparedStatementError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P05'
  static {
    named(DuplicatePreparedStatementError, 'DuplicatePreparedStatementError')
  }
}

/** `42P06` duplicate_schema. */
export class DuplicateSchemaError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P06'
  static {
    named(DuplicateSchemaError, 'DuplicateSchemaError')
  }
}

/** `42P07` duplicate_table. */
export class DuplicateTableError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P07'
  static {
    named(DuplicateTableError, 'DuplicateTableError')
  }
}

/** `42712` duplicate_alias. */
export class DuplicateAliasError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42712'
  static {
    named(DuplicateAliasError, 'DuplicateAliasError')
  }
}

/** `42710` duplicate_object. */
export class DuplicateObjectError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42710'
  static {
    named(DuplicateObjectError, 'DuplicateObjectError')
  }
}

/** `42702` ambiguous_column. */
export class AmbiguousColumnError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42702'
  static {
    named(AmbiguousColumnError, 'AmbiguousColumnError')
  }
}

/** `42725` ambiguous_function. */
export class AmbiguousFunctionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42725'
  static {
    named(AmbiguousFunctionError, 'AmbiguousFunctionError')
  }
}

/** `42P08` ambiguous_parameter. */
export class AmbiguousParameterError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P08'
  static {
    named(AmbiguousParameterError, 'AmbiguousParameterError')
  }
}

/** `42P09` ambiguous_alias. */
export class AmbiguousAliasError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P09'
  static {
    named(AmbiguousAliasError, 'AmbiguousAliasError')
  }
}

/** `42P10` invalid_column_reference. */
export class InvalidColumnReferenceError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P10'
  static {
    named(InvalidColumnReferenceError, 'InvalidColumnReferenceError')
  }
}

/** `42611` invalid_column_definition. */
export class InvalidColumnDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42611'
  static {
    named(InvalidColumnDefinitionError, 'InvalidColumnDefinitionError')
  }
}

/** `42P11` invalid_cursor_definition. */
export class InvalidCursorDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P11'
  static {
    named(InvalidCursorDefinitionError, 'InvalidCursorDefinitionError')
  }
}

/** `42P12` invalid_database_definition. */
export class InvalidDatabaseDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P12'
  static {
    named(InvalidDatabaseDefinitionError, 'InvalidDatabaseDefinitionError')
  }
}

/** `42P13` invalid_function_definition. */
export class InvalidFunctionDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P13'
  static {
    named(InvalidFunctionDefinitionError, 'InvalidFunctionDefinitionError')
  }
}

/** `42P14` invalid_prepared_statement_definition. */
export class InvalidPreparedStatementDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P14'
  static {
    named(InvalidPreparedStatementDefinitionError, 'InvalidPreparedStatementDefinitionError')
  }
}

/** `42P15` invalid_schema_definition. */
export class InvalidSchemaDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P15'
  static {
    named(InvalidSchemaDefinitionError, 'InvalidSchemaDefinitionError')
  }
}

/** `42P16` invalid_table_definition. */
export class InvalidTableDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P16'
  static {
    named(InvalidTableDefinitionError, 'InvalidTableDefinitionError')
  }
}

/** `42P17` invalid_object_definition. */
export class InvalidObjectDefinitionError extends SyntaxOrAccessError {
  static override readonly sqlstate: string = '42P17'
  static {
    named(InvalidObjectDefinitionError, 'InvalidObjectDefinitionError')
  }
}

// 44: WITH CHECK OPTION Violation

/** `44000` with_check_option_violation. */
export class WithCheckOptionViolationError extends PostgresError {
  static override readonly sqlstate: string = '44000'
  static {
    named(WithCheckOptionViolationError, 'WithCheckOptionViolationError')
  }
}

// 53: Insufficient Resources

/** `53000` insufficient_resources. */
export class InsufficientResourcesError extends PostgresError {
  static override readonly sqlstate: string = '53000'
  static {
    named(InsufficientResourcesError, 'InsufficientResourcesError')
  }
}

/** `53100` disk_full. */
export class DiskFullError extends InsufficientResourcesError {
  static override readonly sqlstate: string = '53100'
  static {
    named(DiskFullError, 'DiskFullError')
  }
}

/** `53200` out_of_memory. */
export class OutOfMemoryError extends InsufficientResourcesError {
  static override readonly sqlstate: string = '53200'
  static {
    named(OutOfMemoryError, 'OutOfMemoryError')
  }
}

/** `53300` too_many_connections. */
export class TooManyConnectionsError extends InsufficientResourcesError {
  static override readonly sqlstate: string = '53300'
  static {
    named(TooManyConnectionsError, 'TooManyConnectionsError')
  }
}

/** `53400` configuration_limit_exceeded. */
export class ConfigurationLimitExceededError extends InsufficientResourcesError {
  static override readonly sqlstate: string = '53400'
  static {
    named(ConfigurationLimitExceededError, 'ConfigurationLimitExceededError')
  }
}

// 54: Program Limit Exceeded

/** `54000` program_limit_exceeded. */
export class ProgramLimitExceededError extends PostgresError {
  static override readonly sqlstate: string = '54000'
  static {
    named(ProgramLimitExceededError, 'ProgramLimitExceededError')
  }
}

/** `54001` statement_too_complex. */
export class StatementTooComplexError extends ProgramLimitExceededError {
  static override readonly sqlstate: string = '54001'
  static {
    named(StatementTooComplexError, 'StatementTooComplexError')
  }
}

/** `54011` too_many_columns. */
export class TooManyColumnsError extends ProgramLimitExceededError {
  static override readonly sqlstate: string = '54011'
  static {
    named(TooManyColumnsError, 'TooManyColumnsError')
  }
}

/** `54023` too_many_arguments. */
export class TooManyArgumentsError extends ProgramLimitExceededError {
  static override readonly sqlstate: string = '54023'
  static {
    named(TooManyArgumentsError, 'TooManyArgumentsError')
  }
}

// 55: Object Not In Prerequisite State

/** `55000` object_not_in_prerequisite_state. */
export class ObjectNotInPrerequisiteStateError extends PostgresError {
  static override readonly sqlstate: string = '55000'
  static {
    named(ObjectNotInPrerequisiteStateError, 'ObjectNotInPrerequisiteStateError')
  }
}

/** `55006` object_in_use. */
export class ObjectInUseError extends ObjectNotInPrerequisiteStateError {
  static override readonly sqlstate: string = '55006'
  static {
    named(ObjectInUseError, 'ObjectInUseError')
  }
}

/** `55P02` cant_change_runtime_param. */
export class CantChangeRuntimeParamError extends ObjectNotInPrerequisiteStateError {
  static override readonly sqlstate: string = '55P02'
  static {
    named(CantChangeRuntimeParamError, 'CantChangeRuntimeParamError')
  }
}

/** `55P03` lock_not_available. */
export class LockNotAvailableError extends ObjectNotInPrerequisiteStateError {
  static override readonly sqlstate: string = '55P03'
  static {
    named(LockNotAvailableError, 'LockNotAvailableError')
  }
}

/** `55P04` unsafe_new_enum_value_usage. */
export class UnsafeNewEnumValueUsageError extends ObjectNotInPrerequisiteStateError {
  static override readonly sqlstate: string = '55P04'
  static {
    named(UnsafeNewEnumValueUsageError, 'UnsafeNewEnumValueUsageError')
  }
}

// 57: Operator Intervention

/** `57000` operator_intervention. */
export class OperatorInterventionError extends PostgresError {
  static override readonly sqlstate: string = '57000'
  static {
    named(OperatorInterventionError, 'OperatorInterventionError')
  }
}

/** `57014` query_canceled. */
export class QueryCanceledError extends OperatorInterventionError {
  static override readonly sqlstate: string = '57014'
  static {
    named(QueryCanceledError, 'QueryCanceledError')
  }
}

/** `57P01` admin_shutdown. */
export class AdminShutdownError extends OperatorInterventionError {
  static override readonly sqlstate: string = '57P01'
  static {
    named(AdminShutdownError, 'AdminShutdownError')
  }
}

/** `57P02` crash_shutdown. */
export class CrashShutdownError extends OperatorInterventionError {
  static override readonly sqlstate: string = '57P02'
  static {
    named(CrashShutdownError, 'CrashShutdownError')
  }
}

/** `57P03` cannot_connect_now. */
export class CannotConnectNowError extends OperatorInterventionError {
  static override readonly sqlstate: string = '57P03'
  static {
    named(CannotConnectNowError, 'CannotConnectNowError')
  }
}

/** `57P04` database_dropped. */
export class DatabaseDroppedError extends OperatorInterventionError {
  static override readonly sqlstate: string = '57P04'
  static {
    named(DatabaseDroppedError, 'DatabaseDroppedError')
  }
}

/** `57P05` idle_session_timeout. */
export class IdleSessionTimeoutError extends OperatorInterventionError {
  static override readonly sqlstate: string = '57P05'
  static {
    named(IdleSessionTimeoutError, 'IdleSessionTimeoutError')
  }
}

// 58: System Error (errors external to PostgreSQL itself)

/** `58000` system_error. */
export class PostgresSystemError extends PostgresError {
  static override readonly sqlstate: string = '58000'
  static {
    named(PostgresSystemError, 'PostgresSystemError')
  }
}

/** `58030` io_error. */
export class PostgresIOError extends PostgresSystemError {
  static override readonly sqlstate: string = '58030'
  static {
    named(PostgresIOError, 'PostgresIOError')
  }
}

/** `58P01` undefined_file. */
export class UndefinedFileError extends PostgresSystemError {
  static override readonly sqlstate: string = '58P01'
  static {
    named(UndefinedFileError, 'UndefinedFileError')
  }
}

/** `58P02` duplicate_file. */
export class DuplicateFileError extends PostgresSystemError {
  static override readonly sqlstate: string = '58P02'
  static {
    named(DuplicateFileError, 'DuplicateFileError')
  }
}

/** `58P03` file_name_too_long. */
export class FileNameTooLongError extends PostgresSystemError {
  static override readonly sqlstate: string = '58P03'
  static {
    named(FileNameTooLongError, 'FileNameTooLongError')
  }
}

// 72: Snapshot Failure

/** `72000` snapshot_too_old. */
export class SnapshotTooOldError extends PostgresError {
  static override readonly sqlstate: string = '72000'
  static {
    named(SnapshotTooOldError, 'SnapshotTooOldError')
  }
}

// F0: Configuration File Error

/** `F0000` config_file_error. */
export class ConfigFileError extends PostgresError {
  static override readonly sqlstate: string = 'F0000'
  static {
    named(ConfigFileError, 'ConfigFileError')
  }
}

/** `F0001` lock_file_exists. */
export class LockFileExistsError extends ConfigFileError {
  static override readonly sqlstate: string = 'F0001'
  static {
    named(LockFileExistsError, 'LockFileExistsError')
  }
}

// HV: Foreign Data Wrapper Error (SQL/MED)

/** `HV000` fdw_error. */
export class FDWError extends PostgresError {
  static override readonly sqlstate: string = 'HV000'
  static {
    named(FDWError, 'FDWError')
  }
}

/** `HV005` fdw_column_name_not_found. */
export class FDWColumnNameNotFoundError extends FDWError {
  static override readonly sqlstate: string = 'HV005'
  static {
    named(FDWColumnNameNotFoundError, 'FDWColumnNameNotFoundError')
  }
}

/** `HV002` fdw_dynamic_parameter_value_needed. */
export class FDWDynamicParameterValueNeededError extends FDWError {
  static override readonly sqlstate: string = 'HV002'
  static {
    named(FDWDynamicParameterValueNeededError, 'FDWDynamicParameterValueNeededError')
  }
}

/** `HV010` fdw_function_sequence_error. */
export class FDWFunctionSequenceError extends FDWError {
  static override readonly sqlstate: string = 'HV010'
  static {
    named(FDWFunctionSequenceError, 'FDWFunctionSequenceError')
  }
}

/** `HV021` fdw_inconsistent_descriptor_information. */
export class FDWInconsistentDescriptorInformationError extends FDWError {
  static override readonly sqlstate: string = 'HV021'
  static {
    named(FDWInconsistentDescriptorInformationError, 'FDWInconsistentDescriptorInformationError')
  }
}

/** `HV024` fdw_invalid_attribute_value. */
export class FDWInvalidAttributeValueError extends FDWError {
  static override readonly sqlstate: string = 'HV024'
  static {
    named(FDWInvalidAttributeValueError, 'FDWInvalidAttributeValueError')
  }
}

/** `HV007` fdw_invalid_column_name. */
export class FDWInvalidColumnNameError extends FDWError {
  static override readonly sqlstate: string = 'HV007'
  static {
    named(FDWInvalidColumnNameError, 'FDWInvalidColumnNameError')
  }
}

/** `HV008` fdw_invalid_column_number. */
export class FDWInvalidColumnNumberError extends FDWError {
  static override readonly sqlstate: string = 'HV008'
  static {
    named(FDWInvalidColumnNumberError, 'FDWInvalidColumnNumberError')
  }
}

/** `HV004` fdw_invalid_data_type. */
export class FDWInvalidDataTypeError extends FDWError {
  static override readonly sqlstate: string = 'HV004'
  static {
    named(FDWInvalidDataTypeError, 'FDWInvalidDataTypeError')
  }
}

/** `HV006` fdw_invalid_data_type_descriptors. */
export class FDWInvalidDataTypeDescriptorsError extends FDWError {
  static override readonly sqlstate: string = 'HV006'
  static {
    named(FDWInvalidDataTypeDescriptorsError, 'FDWInvalidDataTypeDescriptorsError')
  }
}

/** `HV091` fdw_invalid_descriptor_field_identifier. */
export class FDWInvalidDescriptorFieldIdentifierError extends FDWError {
  static override readonly sqlstate: string = 'HV091'
  static {
    named(FDWInvalidDescriptorFieldIdentifierError, 'FDWInvalidDescriptorFieldIdentifierError')
  }
}

/** `HV00B` fdw_invalid_handle. */
export class FDWInvalidHandleError extends FDWError {
  static override readonly sqlstate: string = 'HV00B'
  static {
    named(FDWInvalidHandleError, 'FDWInvalidHandleError')
  }
}

/** `HV00C` fdw_invalid_option_index. */
export class FDWInvalidOptionIndexError extends FDWError {
  static override readonly sqlstate: string = 'HV00C'
  static {
    named(FDWInvalidOptionIndexError, 'FDWInvalidOptionIndexError')
  }
}

/** `HV00D` fdw_invalid_option_name. */
export class FDWInvalidOptionNameError extends FDWError {
  static override readonly sqlstate: string = 'HV00D'
  static {
    named(FDWInvalidOptionNameError, 'FDWInvalidOptionNameError')
  }
}

/** `HV090` fdw_invalid_string_length_or_buffer_length. */
export class FDWInvalidStringLengthOrBufferLengthError extends FDWError {
  static override readonly sqlstate: string = 'HV090'
  static {
    named(FDWInvalidStringLengthOrBufferLengthError, 'FDWInvalidStringLengthOrBufferLengthError')
  }
}

/** `HV00A` fdw_invalid_string_format. */
export class FDWInvalidStringFormatError extends FDWError {
  static override readonly sqlstate: string = 'HV00A'
  static {
    named(FDWInvalidStringFormatError, 'FDWInvalidStringFormatError')
  }
}

/** `HV009` fdw_invalid_use_of_null_pointer. */
export class FDWInvalidUseOfNullPointerError extends FDWError {
  static override readonly sqlstate: string = 'HV009'
  static {
    named(FDWInvalidUseOfNullPointerError, 'FDWInvalidUseOfNullPointerError')
  }
}

/** `HV014` fdw_too_many_handles. */
export class FDWTooManyHandlesError extends FDWError {
  static override readonly sqlstate: string = 'HV014'
  static {
    named(FDWTooManyHandlesError, 'FDWTooManyHandlesError')
  }
}

/** `HV001` fdw_out_of_memory. */
export class FDWOutOfMemoryError extends FDWError {
  static override readonly sqlstate: string = 'HV001'
  static {
    named(FDWOutOfMemoryError, 'FDWOutOfMemoryError')
  }
}

/** `HV00P` fdw_no_schemas. */
export class FDWNoSchemasError extends FDWError {
  static override readonly sqlstate: string = 'HV00P'
  static {
    named(FDWNoSchemasError, 'FDWNoSchemasError')
  }
}

/** `HV00J` fdw_option_name_not_found. */
export class FDWOptionNameNotFoundError extends FDWError {
  static override readonly sqlstate: string = 'HV00J'
  static {
    named(FDWOptionNameNotFoundError, 'FDWOptionNameNotFoundError')
  }
}

/** `HV00K` fdw_reply_handle. */
export class FDWReplyHandleError extends FDWError {
  static override readonly sqlstate: string = 'HV00K'
  static {
    named(FDWReplyHandleError, 'FDWReplyHandleError')
  }
}

/** `HV00Q` fdw_schema_not_found. */
export class FDWSchemaNotFoundError extends FDWError {
  static override readonly sqlstate: string = 'HV00Q'
  static {
    named(FDWSchemaNotFoundError, 'FDWSchemaNotFoundError')
  }
}

/** `HV00R` fdw_table_not_found. */
export class FDWTableNotFoundError extends FDWError {
  static override readonly sqlstate: string = 'HV00R'
  static {
    named(FDWTableNotFoundError, 'FDWTableNotFoundError')
  }
}

/** `HV00L` fdw_unable_to_create_execution. */
export class FDWUnableToCreateExecutionError extends FDWError {
  static override readonly sqlstate: string = 'HV00L'
  static {
    named(FDWUnableToCreateExecutionError, 'FDWUnableToCreateExecutionError')
  }
}

/** `HV00M` fdw_unable_to_create_reply. */
export class FDWUnableToCreateReplyError extends FDWError {
  static override readonly sqlstate: string = 'HV00M'
  static {
    named(FDWUnableToCreateReplyError, 'FDWUnableToCreateReplyError')
  }
}

/** `HV00N` fdw_unable_to_establish_connection. */
export class FDWUnableToEstablishConnectionError extends FDWError {
  static override readonly sqlstate: string = 'HV00N'
  static {
    named(FDWUnableToEstablishConnectionError, 'FDWUnableToEstablishConnectionError')
  }
}

// P0: PL/pgSQL Error

/** `P0000` plpgsql_error. */
export class PLPGSQLError extends PostgresError {
  static override readonly sqlstate: string = 'P0000'
  static {
    named(PLPGSQLError, 'PLPGSQLError')
  }
}

/** `P0001` raise_exception. */
export class RaiseError extends PLPGSQLError {
  static override readonly sqlstate: string = 'P0001'
  static {
    named(RaiseError, 'RaiseError')
  }
}

/** `P0002` no_data_found. */
export class NoDataFoundError extends PLPGSQLError {
  static override readonly sqlstate: string = 'P0002'
  static {
    named(NoDataFoundError, 'NoDataFoundError')
  }
}

/** `P0003` too_many_rows. */
export class TooManyRowsError extends PLPGSQLError {
  static override readonly sqlstate: string = 'P0003'
  static {
    named(TooManyRowsError, 'TooManyRowsError')
  }
}

/** `P0004` assert_failure. */
export class AssertError extends PLPGSQLError {
  static override readonly sqlstate: string = 'P0004'
  static {
    named(AssertError, 'AssertError')
  }
}

// XX: Internal Error

/** `XX000` internal_error. */
export class InternalServerError extends PostgresError {
  static override readonly sqlstate: string = 'XX000'
  static {
    named(InternalServerError, 'InternalServerError')
  }
}

/** `XX001` data_corrupted. */
export class DataCorruptedError extends InternalServerError {
  static override readonly sqlstate: string = 'XX001'
  static {
    named(DataCorruptedError, 'DataCorruptedError')
  }
}

/** `XX002` index_corrupted. */
export class IndexCorruptedError extends InternalServerError {
  static override readonly sqlstate: string = 'XX002'
  static {
    named(IndexCorruptedError, 'IndexCorruptedError')
  }
}
