namespace Cencori.Edge.Errors;

/// <summary>What a request knows about the error it may end with. On every request.</summary>
public interface IErrorFeature
{
    /// <summary>The error the request was refused with. Null: none so far.</summary>
    EdgeError? Refusal { get; set; }

    ErrorDialect Dialect { get; }

    /// <summary>False where an unknown path is most likely a wrong base URL.</summary>
    bool IsBelowBaseUrl { get; }

    /// <summary>True where the administrator is answered, whose errors no foreign page may read.</summary>
    bool IsOfAdministration { get; }
}
