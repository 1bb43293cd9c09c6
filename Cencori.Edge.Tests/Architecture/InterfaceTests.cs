using System.Reflection;

namespace Cencori.Edge.Tests.Architecture;

/// <summary>A default member that no class replaces is superfluous, or its replacement has another name. Such a replacement compiles, but it is never called.</summary>
public sealed class InterfaceTests
{
    [Fact]
    public void Every_default_member_of_an_interface_is_replaced_by_a_class()
    {
        var types = typeof(Program).Assembly.GetTypes();
        var defaults = types.Where(type => type is { IsInterface: true, IsGenericTypeDefinition: false }).SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)).Where(method => method is { IsAbstract: false, IsVirtual: true }).ToList();

        Assert.NotEmpty(defaults);
        Assert.Empty(defaults.Where(method => !types.Any(type => Implements(type, method))).Select(method => $"{method.DeclaringType!.Name}.{method.Name}"));
    }

    private static bool Implements(Type type, MethodInfo method)
    {
        if (type.IsInterface || type.IsGenericTypeDefinition || !type.IsAssignableTo(method.DeclaringType))
        {
            return false;
        }

        var map = type.GetInterfaceMap(method.DeclaringType!);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, method)].DeclaringType is { IsInterface: false };
    }
}
