using Cencori.Edge.Tests.Infrastructure.Providers;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A fixture with a provider that the tests of a class share.</summary>
public interface ISharesProvider
{
    ScriptedProvider Provider { get; }
}

/// <summary>A test that does not see what earlier tests of its class left at a shared provider: scripts that were not used, and requests that were not read.</summary>
public sealed class FreshProviderCase(IXunitTestCase inner) : LongLivedMarshalByRefObject, IXunitTestCase
{
    /// <summary>The analyzer of xUnit requires this. Test cases are deserialized before they are wrapped.</summary>
    public FreshProviderCase()
        : this(null!)
    {
    }

    public string DisplayName => inner.DisplayName;

    public string SkipReason => inner.SkipReason;

    public ISourceInformation SourceInformation
    {
        get => inner.SourceInformation;
        set => inner.SourceInformation = value;
    }

    public ITestMethod TestMethod => inner.TestMethod;

    public object[] TestMethodArguments => inner.TestMethodArguments;

    public Dictionary<string, List<string>> Traits => inner.Traits;

    public string UniqueID => inner.UniqueID;

    public Exception InitializationException => inner.InitializationException;

    public IMethodInfo Method => inner.Method;

    public int Timeout => inner.Timeout;

    public Task<RunSummary> RunAsync(IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource)
    {
        foreach (var fixture in constructorArguments.OfType<ISharesProvider>())
        {
            fixture.Provider.Forget();
        }

        return inner.RunAsync(diagnosticMessageSink, messageBus, constructorArguments, aggregator, cancellationTokenSource);
    }

    public void Serialize(IXunitSerializationInfo info) => inner.Serialize(info);

    public void Deserialize(IXunitSerializationInfo info) => inner.Deserialize(info);
}
