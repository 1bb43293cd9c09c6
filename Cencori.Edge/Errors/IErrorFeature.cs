namespace Cencori.Edge.Errors;

/// <summary>Error state of a request. Present on every request.</summary>
public interface IErrorFeature
{
    /// <summary>The error that refused the request. Null: none so far.</summary>
    EdgeError? Refusal { get; set; }

    ErrorDialect Dialect { get; }

    /// <summary>False for a path outside every base URL of the edge. The 404 error then asks whether the client's base URL lacks <c>/v1</c>.</summary>
    bool IsBelowBaseUrl { get; }

    /// <summary>True for administration endpoints: web pages of other origins must not read their errors.</summary>
    bool IsOfAdministration { get; }
}
