using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Optional request body of a credential test.</summary>
public sealed record NewProviderTest
{
    /// <summary>Model for the test, by its name at the provider. Null: a small model from yarp.json.</summary>
    public string? Model { get; init; }
}

/// <summary>Result of the test of a credential.</summary>
public enum ProviderTestResult
{
    /// <summary>The provider has responded with success.</summary>
    Works,

    /// <summary>The provider refuses the credential.</summary>
    CredentialRefused,

    /// <summary>The provider accepts the credential, but its limits are used up.</summary>
    LimitReached,

    /// <summary>The provider does not know the model.</summary>
    ModelUnknown,

    /// <summary>The provider refuses the request for another reason.</summary>
    RequestRefused,

    /// <summary>The provider has failed.</summary>
    ProviderFailed,

    /// <summary>The provider's address does not respond.</summary>
    Unreachable,

    /// <summary>The edge refuses to connect to the provider's address.</summary>
    AddressRefused,

    /// <summary>The provider did not respond in time.</summary>
    TimedOut,

    /// <summary>The edge itself has refused the test.</summary>
    NotSent,
}

/// <summary>Details of a credential test.</summary>
/// <param name="Provider">Id of the provider.</param>
/// <param name="Environment">Environment of the credential.</param>
/// <param name="Credential">Id of the credential. Null: the built-in sandbox provider needs none.</param>
/// <param name="Model">The requested model.</param>
/// <param name="Result">The result.</param>
/// <param name="Message">Explanation of the result, and what to do.</param>
/// <param name="Detail">Error message from the provider. Null: none.</param>
/// <param name="Status">The provider's HTTP status. Null: no response.</param>
/// <param name="RequestId">Id of the test's request in the logs.</param>
/// <param name="EdgeMs">Milliseconds from the start of the test until the edge sent the request.</param>
/// <param name="WaitMs">Milliseconds from sending the request until the response headers. Null: no response.</param>
/// <param name="AnswerMs">Milliseconds from the response headers until the end of the response. Null: no response.</param>
/// <param name="TotalMs">Total milliseconds.</param>
/// <param name="CostUsd">Cost of the test in US dollars. Null: unknown.</param>
public sealed record ProviderTestView(
    string Provider, KeyEnvironment Environment, string? Credential, string Model, ProviderTestResult Result, string Message, string? Detail, int? Status, string RequestId,
    double EdgeMs, double? WaitMs, double? AnswerMs, double TotalMs, decimal? CostUsd)
{
    public bool IsGood => Result == ProviderTestResult.Works;
}
