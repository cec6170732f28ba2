/** Looks at everything that stands between an application and its quota, one check a class, and names what is wrong. */
package io.sluice.control.doctor;
