namespace Cencori.Edge.Errors;

/// <summary>Error state of a request. Present on every request.</summary>
public interface IErrorFeature
{
    /// <summary>The error that refused the request. Null: none so far.</summary>
    EdgeError? Refusal { get; set; }

    ErrorDialect Dialect { get; }

    /// <summary>False when an unknown path is most likely a wrong base URL.</summary>
    bool IsBelowBaseUrl { get; }

    /// <summary>True for administration endpoints, whose errors pages of other origins must not read.</summary>
    bool IsOfAdministration { get; }
}
