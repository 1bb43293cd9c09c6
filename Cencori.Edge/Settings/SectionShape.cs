using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace Cencori.Edge.Settings;

/// <summary>
/// What a section of the configuration may hold, by the type that it is read into. Binding passes over a name that it does not know, which
/// leaves a misspelt setting without effect and its writer without a word.
/// </summary>
public static class SectionShape
{
    /// <summary>A line for each name that there is not, and for each value of a wrong kind. No line shows a value, which may be secret.</summary>
    public static IEnumerable<string> Faults(IConfigurationSection section, Type type) => section.GetChildren().SelectMany(child => FaultsOfMember(child, type));

    private static IEnumerable<string> FaultsOfMember(IConfigurationSection member, Type owner)
    {
        var properties = owner.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        return Array.Find(properties, property => property.Name.Equals(member.Key, StringComparison.OrdinalIgnoreCase)) is { } property
            ? FaultsOfValue(member, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)
            : [$"{member.Path}: there is no such setting.{NearestName.Suggest(member.Key, properties.Select(known => known.Name))}"];
    }

    private static IEnumerable<string> FaultsOfValue(IConfigurationSection section, Type type)
    {
        if (type != typeof(string) && type.IsGenericType && type.IsAssignableTo(typeof(System.Collections.IEnumerable)))
        {
            var element = type.GetGenericArguments()[^1];
            return IsOpen(element) ? [] : section.GetChildren().SelectMany(child => Faults(child, element));
        }

        if (!IsValue(type))
        {
            return Faults(section, type);
        }

        // Of some a list is read as well, which is as many values as there are.
        var values = section.GetChildren().Any() ? section.GetChildren() : [section];
        return values.Where(value => value.Value is { Length: > 0 } text && !IsOf(type, text)).Select(value => $"{value.Path}: the value is not a {type.Name}.");
    }

    // Anything may stand in it: words of somebody's own, and what only the code can put there.
    private static bool IsOpen(Type element) => IsValue(element) || element.IsInterface;

    private static bool IsValue(Type type) => type == typeof(string) || type == typeof(Uri) || type == typeof(Version) || type.IsValueType;

    private static bool IsOf(Type type, string text)
    {
        try
        {
            // "2" is a version to YARP, and none to the framework.
            return type == typeof(string) || (type == typeof(Version) && int.TryParse(text, out _)) || TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text) is not null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }
}
