namespace Cencori.Edge.Errors;

/// <summary>Error state of a request. Present on every request.</summary>
public interface IErrorFeature
{
    /// <summary>The error that refused the request. Null: none so far.</summary>
    EdgeError? Refusal { get; set; }

    ErrorDialect Dialect { get; }

    /// <summary>False when an unknown path is most likely a wrong base URL.</summary>
    bool IsBelowBaseUrl { get; }

    /// <summary>True for administration endpoints: web pages of other origins must not read their errors.</summary>
    bool IsOfAdministration { get; }
}
