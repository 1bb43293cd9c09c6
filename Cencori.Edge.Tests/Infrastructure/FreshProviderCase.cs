using Cencori.Edge.Tests.Infrastructure.Providers;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A fixture with a provider that the tests of a class share.</summary>
public interface ISharesProvider
{
    ScriptedProvider Provider { get; }
}

/// <summary>
/// A test case that begins without the one-shot scripts and unread requests that earlier ones left at a shared provider. The rows of a theory are one
/// test case if xUnit cannot serialize them.
/// </summary>
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
            aggregator.Run(fixture.Provider.Forget);
        }

        return inner.RunAsync(diagnosticMessageSink, messageBus, constructorArguments, aggregator, cancellationTokenSource);
    }

    public void Serialize(IXunitSerializationInfo info) => inner.Serialize(info);

    public void Deserialize(IXunitSerializationInfo info) => inner.Deserialize(info);
}
