using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>The body that asks for a test; it may be left out.</summary>
public sealed record NewProviderTest
{
    /// <summary>By the provider's own name. Null: a small one of those that yarp.json names.</summary>
    public string? Model { get; init; }
}

/// <summary>How the test of a credential went.</summary>
public enum ProviderTestResult
{
    /// <summary>The provider has answered.</summary>
    Works,

    /// <summary>The provider does not take the credential.</summary>
    CredentialRefused,

    /// <summary>The provider takes the credential, and its limits are used up.</summary>
    LimitReached,

    /// <summary>The provider does not know the model.</summary>
    ModelUnknown,

    /// <summary>The provider does not take the request, for another reason.</summary>
    RequestRefused,

    /// <summary>The provider has failed.</summary>
    ProviderFailed,

    /// <summary>Nobody answers at the provider's address.</summary>
    Unreachable,

    /// <summary>The edge does not connect to the provider's address.</summary>
    AddressRefused,

    /// <summary>The provider did not answer in time.</summary>
    TimedOut,

    /// <summary>The edge itself has refused the test.</summary>
    NotSent,
}

/// <summary>What came of a test.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Environment">Whose credential it was.</param>
/// <param name="Credential">Its id; null: the sandbox needs none.</param>
/// <param name="Model">Which was asked for.</param>
/// <param name="Result">How it went.</param>
/// <param name="Message">What it means, and what to do.</param>
/// <param name="Detail">What the provider said, in its own words; null: nothing.</param>
/// <param name="Status">The provider's HTTP status; null: it did not answer.</param>
/// <param name="RequestId">By which it stands in the logs.</param>
/// <param name="EdgeMs">What the edge took before it sent the request, in milliseconds.</param>
/// <param name="WaitMs">From then to the head of the response; null: there was none.</param>
/// <param name="AnswerMs">From there to the response's end; null: there was none.</param>
/// <param name="TotalMs">All in all.</param>
/// <param name="CostUsd">Null: nobody knows.</param>
public sealed record ProviderTestView(
    string Provider, KeyEnvironment Environment, string? Credential, string Model, ProviderTestResult Result, string Message, string? Detail, int? Status, string RequestId,
    double EdgeMs, double? WaitMs, double? AnswerMs, double TotalMs, decimal? CostUsd)
{
    public bool IsGood => Result == ProviderTestResult.Works;
}
